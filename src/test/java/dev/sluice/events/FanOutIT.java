package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import dev.sluice.support.SseClient;
import dev.sluice.support.SseClient.Frame;
import dev.sluice.support.TestStreams;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients that do not read, leave all at once, or have expensive filters do not slow down other clients. */
class FanOutIT {
    private static final int READERS = 20;
    private static final int MESSAGES = 300;
    /** Messages without a pause between them, more than any machine filters at once. */
    private static final int BURST = 2_000;

    private static final Duration PACE = Duration.ofMillis(5);
    private static final Duration LONG = Duration.ofSeconds(60);
    /** Tolerance in addition to twice the latency, for a busy machine. */
    private static final Duration FLOOR = Duration.ofMillis(250);

    private static NatsServer nats;

    private final RawClient publisher = new RawClient(nats);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final List<SseClient> clients = new ArrayList<>();
    private TailsServer server;

    @BeforeAll
    static void startNats() {
        nats = NatsServer.started();
    }

    @AfterAll
    static void stopNats() {
        nats.close();
    }

    @AfterEach
    void close() {
        clients.forEach(SseClient::close);
        threads.shutdownNow();
        clock.shutdownNow();
        server.close();
        publisher.close();
    }

    @Test
    @Tag("slow")
    void clientsThatNeverReadDoNotDelayTheOthers() {
        server = new TailsServer(nats, Map.of("client-buffer", "64K"));
        List<SseClient> readers = connected("?subject=live&raw", READERS);
        Duration alone = slowest(readers, () -> {});
        List<SseClient> stuck = Stream.generate(
                        () -> track(SseClient.openWithSmallSocket(server.port(), "?subject=live&raw")))
                .limit(200)
                .toList();

        Duration beside = slowest(readers, () -> {});
        Duration whileLeaving = slowest(readers, () -> stuck.forEach(SseClient::close));

        assertThat(beside).isLessThan(atMostTwice(alone));
        assertThat(whileLeaving).isLessThan(atMostTwice(alone));
        assertThat(server.tails.dropped()).isPositive();
        await().atMost(LONG).until(() -> server.tails.count() == READERS);
    }

    @Test
    @Tag("slow")
    void slowFiltersDelayOnlyTheirClientsAndReportDroppedMessages() {
        server = new TailsServer(nats, Map.of("filter-buffer", "32K"));
        List<SseClient> readers = connected("?subject=live&raw", READERS);
        Duration alone = slowest(readers, () -> {});
        List<SseClient> filtered = IntStream.range(0, 100)
                .mapToObj(i -> track(server.client("?subject=live&raw" + expressions(i))))
                .toList();

        Duration beside = slowest(readers, () -> {});

        assertThat(beside).isLessThan(atMostTwice(alone));
        IntStream.range(0, BURST).forEach(i -> publisher.publish("live", "x".repeat(1_000)));
        assertThat(filtered.get(0).within(LONG).await("dropped").data()).contains("count");
        assertThat(server.tails.filterDropped()).isPositive();
    }

    @Test
    void aSlowFilteredTailOfAStreamMissesNothing() {
        server = new TailsServer(nats, Map.of("filter-buffer", "1"));
        try (TestStreams streams = new TestStreams(nats)) {
            streams.create("FILTERED", "filtered.>");
            SseClient client =
                    track(server.client("?subject=filtered.>&raw&match=5%24")).within(LONG);

            IntStream.range(0, 2_000).forEach(i -> publisher.publish("filtered.a", Integer.toString(i)));

            assertThat(client.messages(200))
                    .extracting(Frame::data)
                    .containsExactlyElementsOf(IntStream.range(0, 2_000)
                            .filter(i -> i % 10 == 5)
                            .mapToObj(Integer::toString)
                            .toList());
            assertThat(server.tails.filterDropped()).isPositive();
            streams.delete("FILTERED");
        }
    }

    private static Duration atMostTwice(Duration alone) {
        return alone.multipliedBy(2).plus(FLOOR);
    }

    /** Returns sixteen expressions that scan every character of a message and do not match. */
    private static String expressions(int client) {
        return "&match=.*x" + client + "[0-9]*(a|b|c)%2Bz&match=x"
                + IntStream.range(0, 15)
                        .mapToObj(i -> "(y|w)*" + client + "v" + i + "%24")
                        .reduce((one, other) -> one + "&match=" + other)
                        .orElseThrow();
    }

    private List<SseClient> connected(String query, int count) {
        return Stream.generate(() -> track(server.client(query)).within(LONG))
                .limit(count)
                .toList();
    }

    private SseClient track(SseClient client) {
        clients.add(client);
        return client;
    }

    /**
     * Returns the 99th percentile of the time from the publish of a message to its arrival at {@code readers}.
     *
     * @param meanwhile action that runs after a third of the messages is published
     */
    private Duration slowest(List<SseClient> readers, Runnable meanwhile) {
        List<CompletableFuture<List<Long>>> reading = readers.stream()
                .map(reader -> CompletableFuture.supplyAsync(() -> latencies(reader), threads)
                        .orTimeout(LONG.toSeconds(), TimeUnit.SECONDS))
                .toList();
        CompletableFuture<Void> published = new CompletableFuture<>();
        int[] sent = new int[1];
        clock.scheduleAtFixedRate(
                () -> {
                    if (sent[0] < MESSAGES) {
                        sent[0]++;
                        publisher.publish("live", System.nanoTime() + " " + "x".repeat(1_000));
                    }
                    if (sent[0] == MESSAGES) {
                        published.complete(null);
                    }
                },
                0,
                PACE.toNanos(),
                TimeUnit.NANOSECONDS);
        clock.schedule(meanwhile, MESSAGES * PACE.toNanos() / 3, TimeUnit.NANOSECONDS);
        published.join();
        List<Long> all = reading.stream()
                .flatMap(latencies -> latencies.join().stream())
                .sorted()
                .toList();
        return Duration.ofNanos(all.get(all.size() * 99 / 100));
    }

    private static List<Long> latencies(SseClient reader) {
        List<Long> latencies = new ArrayList<>();
        for (Frame message : reader.messages(MESSAGES)) {
            String text = message.data();
            latencies.add(System.nanoTime() - Long.parseLong(text.substring(0, text.indexOf(' '))));
        }
        return latencies;
    }
}
