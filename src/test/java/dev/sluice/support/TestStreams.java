package dev.sluice.support;

import io.nats.client.Connection;
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

/** Creates streams and stores messages through a NATS connection of the test. */
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

    /** Returns whether the server has this version or a newer one. */
    public boolean since(String version) {
        return connection.getServerInfo().isSameOrNewerThanVersion(version);
    }

    /** Creates an empty file-based stream and replaces an existing one of that name. */
    public void create(String name, String... subjects) {
        delete(name);
        manage(management -> management.addStream(StreamConfiguration.builder()
                .name(name)
                .subjects(subjects)
                .storageType(StorageType.File)
                .allowDirect(true)
                .build()));
    }

    /** Creates a stream with {@code configuration} and replaces an existing one of that name. */
    public void create(StreamConfiguration configuration) {
        delete(configuration.getName());
        manage(management -> management.addStream(configuration));
    }

    /** Changes the subjects of the stream to {@code subjects}. */
    public void move(String name, String... subjects) {
        manage(management -> management.updateStream(
                StreamConfiguration.builder(management.getStreamInfo(name).getConfiguration())
                        .subjects(subjects)
                        .build()));
    }

    /** Removes all messages of {@code subject}. */
    public void purge(String name, String subject) {
        manage(management -> management.purgeStream(name, PurgeOptions.subject(subject)));
    }

    /** Returns the servers that lead the stream's consumers, in a cluster. */
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

    /** Removes the messages before {@code sequence}. */
    public void purge(String name, long sequence) {
        manage(management -> management.purgeStream(
                name, PurgeOptions.builder().sequence(sequence).build()));
    }

    public long last(String name) {
        return manage(
                management -> management.getStreamInfo(name).getStreamState().getLastSequence());
    }

    /** Returns the time of the last message, by the server's clock. */
    public Instant lastTime(String name) {
        return manage(management ->
                management.getStreamInfo(name).getStreamState().getLastTime().toInstant());
    }

    public long consumers(String name) {
        return manage(
                management -> management.getStreamInfo(name).getStreamState().getConsumerCount());
    }

    /** Stores the numbers from {@code from} (inclusive) to {@code to} (exclusive) in order. */
    public void store(String subject, int from, int to) {
        store(IntStream.range(from, to)
                .mapToObj(i -> new String[] {subject, Integer.toString(i)})
                .toList());
    }

    /** Returns the payloads that {@link #store(String, int, int)} stores. */
    public static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    /** Publishes a message without waiting for its ack. Later messages are stored after it. */
    public void storeSoon(String subject, String text) {
        connection.publish(subject, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Stores a message and waits for its ack. */
    public void store(String subject, String text) {
        store(List.<String[]>of(new String[] {subject, text}));
    }

    /** Stores a message exactly once. Retries while the server is unavailable. */
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

    private <T> T manage(ManagementCall<T> action) {
        return ManagementCall.make(connection, action);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
