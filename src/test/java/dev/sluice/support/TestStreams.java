package dev.sluice.support;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Options;
import io.nats.client.PublishOptions;
import io.nats.client.PurgeOptions;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;

/** A connection beside the service, which makes streams and stores messages in them. */
public final class TestStreams implements AutoCloseable {
    private static final int AT_ONCE = 500;

    private final Connection connection;

    public TestStreams(NatsServer server) {
        connection = TestConnections.open(Options.builder()
                .server(server.url())
                .maxReconnects(-1)
                .reconnectWait(Duration.ofMillis(20))
                .requestCleanupInterval(Duration.ofSeconds(2)));
    }

    /** An empty stream on disk, also if one of that name exists. */
    public void create(String name, String... subjects) {
        delete(name);
        manage(management -> management.addStream(StreamConfiguration.builder()
                .name(name)
                .subjects(subjects)
                .storageType(StorageType.File)
                .allowDirect(true)
                .build()));
    }

    /** As {@code configuration} has it, also if one of that name exists. */
    public void create(StreamConfiguration configuration) {
        delete(configuration.getName());
        manage(management -> management.addStream(configuration));
    }

    /** With {@code subjects} in place of those that it stores. */
    public void move(String name, String... subjects) {
        manage(management -> management.updateStream(
                StreamConfiguration.builder(management.getStreamInfo(name).getConfiguration())
                        .subjects(subjects)
                        .build()));
    }

    /** Removes all of {@code subject}. */
    public void purge(String name, String subject) {
        manage(management -> management.purgeStream(name, PurgeOptions.subject(subject)));
    }

    /** The servers on which its consumers are, in a cluster. */
    public List<String> consumerLeaders(String name) {
        return manage(management -> management.getConsumers(name).stream()
                .map(consumer -> consumer.getClusterInfo().getLeader())
                .toList());
    }

    public String leader(String name) {
        return manage(
                management -> management.getStreamInfo(name).getClusterInfo().getLeader());
    }

    public void delete(String name) {
        manage(management -> management.getStreamNames().contains(name) && management.deleteStream(name));
    }

    /** Removes what is in front of {@code sequence}. */
    public void purge(String name, long sequence) {
        manage(management -> management.purgeStream(
                name, PurgeOptions.builder().sequence(sequence).build()));
    }

    public long last(String name) {
        return manage(
                management -> management.getStreamInfo(name).getStreamState().getLastSequence());
    }

    /** When its last message was stored, by the server's clock. */
    public Instant lastTime(String name) {
        return manage(management ->
                management.getStreamInfo(name).getStreamState().getLastTime().toInstant());
    }

    public long consumers(String name) {
        return manage(
                management -> management.getStreamInfo(name).getStreamState().getConsumerCount());
    }

    /** Stores the numbers from {@code from} up to, and not with, {@code to}, in this order. */
    public void store(String subject, int from, int to) {
        store(IntStream.range(from, to)
                .mapToObj(i -> new String[] {subject, Integer.toString(i)})
                .toList());
    }

    /** Does not wait until it is stored; what is stored later comes behind it. */
    public void storeSoon(String subject, String text) {
        connection.publish(subject, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns when a stream has stored it. */
    public void store(String subject, String text) {
        store(List.<String[]>of(new String[] {subject, text}));
    }

    /** Stores it once, however often the server goes away meanwhile. */
    public void storeOnce(String subject, String text) {
        PublishOptions once = PublishOptions.builder().messageId(text).build();
        while (true) {
            try {
                connection
                        .jetStream()
                        .publishAsync(subject, text.getBytes(StandardCharsets.UTF_8), once)
                        .join();
                return;
            } catch (CompletionException | IllegalStateException again) {
                Thread.onSpinWait();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void store(List<String[]> messages) {
        List<CompletableFuture<PublishAck>> acks = new ArrayList<>();
        try {
            for (String[] message : messages) {
                acks.add(connection.jetStream().publishAsync(message[0], message[1].getBytes(StandardCharsets.UTF_8)));
                if (acks.size() == AT_ONCE) {
                    acks.forEach(CompletableFuture::join);
                    acks.clear();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        acks.forEach(CompletableFuture::join);
    }

    private <T> T manage(Management<T> action) {
        try {
            return action.on(connection.jetStreamManagement());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JetStreamApiException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private interface Management<T> {
        T on(JetStreamManagement management) throws IOException, JetStreamApiException;
    }
}
