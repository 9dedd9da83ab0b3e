package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.SseClient;
import dev.sluice.support.SseClient.Frame;
import dev.sluice.support.TcpProxy;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Stream tails while the server or Sluice is down, or while the client does not read. No stored message is lost. */
class StreamTailOutageIT {
    private static final String END = "end";

    private final NatsServer nats = NatsServer.started();
    private final List<TailsServer> servers = new ArrayList<>();
    private final List<SseClient> clients = new ArrayList<>();
    private TestStreams streams;

    @BeforeEach
    void declare() {
        streams = new TestStreams(nats);
        streams.create("LOGS", "logs.>");
    }

    @AfterEach
    void close() {
        clients.forEach(SseClient::close);
        servers.forEach(TailsServer::close);
        streams.close();
        nats.close();
    }

    @Test
    @Tag("slow")
    void staysOpenWhileTheServerIsKilledAndMissesNothing() {
        TailsServer server = serve(Map.of());
        SseClient live = open(server, "?subject=logs.>&raw").untilConnected();
        SseClient history = open(server, "?subject=logs.>&raw&start=all");
        CompletableFuture<Void> storing = CompletableFuture.runAsync(() -> storeThousands(3_000));

        for (int outage = 0; outage < 3; outage++) {
            long seen = 500L * (outage + 1);
            await().atMost(Timeouts.LIMIT).until(() -> streams.last("LOGS") > seen);
            nats.kill();
            nats.start();
        }

        List<Frame> read = untilEnd(live);
        assertThat(statuses(read)).contains("{\"nats\":\"reconnecting\"}", "{\"nats\":\"connected\"}");
        assertThat(sequences(read)).containsExactlyElementsOf(stored());
        assertThat(sequences(untilEnd(history))).containsExactlyElementsOf(stored());
        storing.join();
    }

    /** Later values replace all that the watcher has, but none of them can have expired without its notice. */
    @Test
    void aWatcherThatHadEverythingGoesOnAfterAShortOutage() throws Exception {
        try (TcpProxy proxy = TcpProxy.to(nats.port())) {
            TailsServer server = new TailsServer(TestLinks.through(proxy.port(), Map.of()), Map.of());
            servers.add(server);
            await().atMost(Timeouts.LIMIT).until(server::reachable);
            assumeTrue(streams.since("2.11.0"), "markers need nats-server 2.11");
            streams.create(StreamConfiguration.builder()
                    .name("KV_busy")
                    .subjects("$KV.busy.>")
                    .storageType(StorageType.Memory)
                    .maxMessagesPerSubject(1)
                    .allowDirect(true)
                    .allowMessageTtl()
                    .subjectDeleteMarkerTtl(Duration.ofMinutes(10))
                    .build());
            SseClient watcher = open(server, "?bucket=busy").untilConnected();
            watcher.await("current");
            streams.store("$KV.busy.k1", "1");
            watcher.await("message");

            proxy.refuse();
            watcher.until(frame -> frame.data().contains("reconnecting"));
            streams.store("$KV.busy.k1", "2");
            streams.store("$KV.busy.k1", "3");
            proxy.restore();

            assertThat(watcher.until(frame -> frame.type().equals("message")))
                    .extracting(Frame::data)
                    .doesNotContain("{\"reason\":\"purged\"}");
        }
    }

    @Test
    void opensWhileNatsIsUnavailableAndResumes() {
        TailsServer server = serve(Map.of());
        SseClient first = open(server, "?subject=logs.>&raw").untilConnected();
        streams.store("logs.a", 0, 10);
        String id = first.messages(4).get(3).field("id").findFirst().orElseThrow();
        first.close();
        nats.kill();

        SseClient second = open(server, "?subject=logs.>&raw&start=" + id);
        assertThat(second.await("status").data()).isEqualTo("{\"nats\":\"reconnecting\"}");
        nats.start();

        assertThat(second.messages(6)).extracting(Frame::data).containsExactly("4", "5", "6", "7", "8", "9");
    }

    @Test
    void clientsThatLeaveDuringAnOutageLeaveNothingBehind() {
        NatsLinks links = TestLinks.to(nats);
        TailsServer server = new TailsServer(links, Map.of());
        servers.add(server);
        nats.kill();
        await().atMost(Timeouts.LIMIT).until(() -> !links.consuming().up());
        int before = TestLinks.listeners(links.consuming());

        for (int i = 0; i < 20; i++) {
            SseClient client = open(server, "?subject=logs.>&raw");
            client.await("status");
            client.close();
        }

        await().atMost(Timeouts.LIMIT).until(() -> server.tails.count() == 0);
        await().atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(TestLinks.listeners(links.consuming()))
                .isEqualTo(before));
    }

    /** The client has opened while nothing was known, and no stream has its subjects. */
    @Test
    void aTailThatGoesOnWithoutAStreamIsKeptOnce() {
        TailsServer server = serve(Map.of("heartbeat", "0s"));
        nats.kill();
        SseClient client = open(server, "?subject=other.>&raw");
        client.await("status");
        nats.start();
        client.untilConnected();

        client.close();

        await().atMost(Timeouts.LIMIT).until(() -> server.tails.count() == 0 && server.tails.subscriptions() == 0);
    }

    @Test
    void continuesAtAnotherInstance() {
        List<TailsServer> instances = List.of(serve(Map.of()), serve(Map.of()));
        CompletableFuture<Void> storing = CompletableFuture.runAsync(() -> storeThousands(2_000));
        List<Long> seen = new ArrayList<>();
        String place = "all";
        boolean ended = false;

        for (int visit = 0; !ended; visit++) {
            SseClient client = open(instances.get(visit % 2), "?subject=logs.>&raw&start=" + place);
            for (int i = 0; i < 150 && !ended; i++) {
                Frame message = client.await("message");
                place = message.field("id").findFirst().orElseThrow();
                seen.addAll(sequences(List.of(message)));
                ended = message.data().equals(END);
            }
            client.close();
        }

        storing.join();
        assertThat(seen).containsExactlyElementsOf(stored());
    }

    @Test
    void aClientThatDoesNotReadLosesNothing() {
        TailsServer server = serve(Map.of("client-buffer", "128K", "page-size", "32K"));
        SseClient slow = SseClient.openWithSmallSocket(server.port(), "?subject=logs.>&raw")
                .within(Timeouts.LIMIT);
        clients.add(slow);
        slow.untilConnected();
        SseClient quick = open(server, "?subject=logs.>&raw").untilConnected();
        String text = "x".repeat(2_000);

        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 100; i++) {
                streams.storeSoon("logs.a", text);
            }
            assertThat(quick.messages(100)).hasSize(100);
        }
        assertThat(server.tails.fellBehind()).isPositive();
        streams.store("logs.a", END);

        assertThat(sequences(untilEnd(slow))).containsExactlyElementsOf(stored());
        assertThat(server.tails.dropped()).isZero();
    }

    @Test
    void waitsForAStreamThatIsDeletedAndCreatedLater() {
        TailsServer server = serve(Map.of());
        SseClient client = open(server, "?subject=logs.>&raw").untilConnected();
        streams.store("logs.a", "old");
        client.await("message");

        streams.delete("LOGS");
        streams.create("LOGS", "logs.>");

        assertThat(client.await("gap").data()).isEqualTo("{\"reason\":\"stream-recreated\"}");
        streams.store("logs.a", "new");
        assertThat(client.await("message").data()).isEqualTo("new");
    }

    @Test
    void aFullEventLoopSlowsTheConsumerAndLosesNothing() {
        TailsServer server = serve(Map.of("loop-buffer", "64K"));
        List<SseClient> watching = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            watching.add(open(server, "?subject=logs.>&raw").untilConnected());
        }
        String text = "x".repeat(5_000);
        for (int i = 0; i < 1_000; i++) {
            streams.storeSoon("logs.a", text);
        }
        streams.store("logs.a", END);

        for (SseClient client : watching) {
            assertThat(sequences(untilEnd(client))).containsExactlyElementsOf(stored());
        }
    }

    private void storeThousands(int count) {
        for (int i = 0; i < count; i++) {
            streams.storeOnce("logs.a", Integer.toString(i));
        }
        streams.storeOnce("logs.a", END);
    }

    private List<Long> stored() {
        return LongStream.rangeClosed(1, streams.last("LOGS")).boxed().toList();
    }

    private TailsServer serve(Map<String, String> keys) {
        TailsServer server = new TailsServer(nats, keys);
        servers.add(server);
        return server;
    }

    private SseClient open(TailsServer server, String query) {
        SseClient client = SseClient.open(server.port(), query);
        clients.add(client);
        return client.within(Timeouts.LIMIT);
    }

    private static List<Frame> untilEnd(SseClient client) {
        return client.until(
                frame -> frame.type().equals("message") && frame.data().equals(END));
    }

    private static List<String> statuses(List<Frame> frames) {
        return frames.stream()
                .filter(frame -> frame.type().equals("status"))
                .map(Frame::data)
                .toList();
    }

    private static List<Long> sequences(List<Frame> frames) {
        return frames.stream()
                .filter(frame -> frame.type().equals("message"))
                .flatMap(frame -> frame.field("id"))
                .map(id -> EventId.parse(id, "id").sequence())
                .toList();
    }
}
