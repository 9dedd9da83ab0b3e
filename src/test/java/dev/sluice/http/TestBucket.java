package dev.sluice.http;

import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.Nats;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** A bucket for one test, created by another client, and that client's view of it. */
public final class TestBucket implements AutoCloseable {
    public final Connection nats;
    public final String name = "B" + UUID.randomUUID().toString().substring(0, 8);
    public final KeyValue twin;

    public interface Call<T> {
        T make() throws IOException, InterruptedException, JetStreamApiException;
    }

    public TestBucket(NatsServer server) {
        nats = call(() -> Nats.connect(server.url()));
        call(() -> nats.keyValueManagement()
                .create(KeyValueConfiguration.builder()
                        .name(name)
                        .maxHistoryPerKey(5)
                        .storageType(StorageType.Memory)
                        .build()));
        twin = call(() -> nats.keyValue(name));
    }

    public boolean since(String version) {
        return nats.getServerInfo().isSameOrNewerThanVersion(version);
    }

    public String key(String key) {
        return "/v1/buckets/" + name + "/keys/" + key;
    }

    /** Changes the configuration of the stream of the bucket. */
    public void configure(UnaryOperator<StreamConfiguration.Builder> change) {
        call(() -> nats.jetStreamManagement()
                .updateStream(change.apply(StreamConfiguration.builder(nats.jetStreamManagement()
                                .getStreamInfo("KV_" + name)
                                .getConfiguration()))
                        .build()));
    }

    public static <T> T call(Call<T> call) {
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
