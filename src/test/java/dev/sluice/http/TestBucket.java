package dev.sluice.http;

import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.Nats;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.StorageType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;

/** A bucket for one test, created by another client, and that client's view of it. */
final class TestBucket implements AutoCloseable {
    final Connection nats;
    final String name = "B" + UUID.randomUUID().toString().substring(0, 8);
    final KeyValue twin;

    interface Call<T> {
        T make() throws IOException, InterruptedException, JetStreamApiException;
    }

    TestBucket(NatsServer server) {
        nats = call(() -> Nats.connect(server.url()));
        call(() -> nats.keyValueManagement()
                .create(KeyValueConfiguration.builder()
                        .name(name)
                        .maxHistoryPerKey(5)
                        .storageType(StorageType.Memory)
                        .build()));
        twin = call(() -> nats.keyValue(name));
    }

    boolean since(String version) {
        return nats.getServerInfo().isSameOrNewerThanVersion(version);
    }

    String key(String key) {
        return "/v1/buckets/" + name + "/keys/" + key;
    }

    static <T> T call(Call<T> call) {
        try {
            return call.make();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JetStreamApiException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        call(() -> {
            if (nats.keyValueManagement().getBucketNames().contains(name)) {
                nats.keyValueManagement().delete(name);
            }
            nats.close();
            return null;
        });
    }
}
