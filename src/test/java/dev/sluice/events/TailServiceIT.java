package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import dev.sluice.support.SseClient;
import dev.sluice.support.SseClient.Frame;
import dev.sluice.support.Timeouts;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client of an event stream receives: the first byte, slow reads, outages, and the end. */
class TailServiceIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static NatsServer nats;

    private RawClient publisher;
    private TailsServer server;
    private final List<SseClient> clients = new ArrayList<>();

    @BeforeAll
    static void startNats() {
        nats = NatsServer.started();
    }

    @AfterAll
    static void stopNats() {
        nats.close();
    }

    @BeforeEach
    void connect() {
        publisher = new RawClient(nats);
    }

    @AfterEach
    void close() {
        clients.forEach(SseClient::close);
        server.close();
        publisher.close();
    }

    @Test
    void beginsWithARetryAndAComment() {
        serve(Map.of());
        for (int i = 0; i < 10; i++) {
            Frame first = track(SseClient.open(server.port(), "?subject=a.b")).next();

            assertThat(first.lines()).hasSize(2).contains(":");
            assertThat(first.field("retry").mapToInt(Integer::parseInt))
                    .singleElement()
                    .satisfies(millis -> assertThat(millis).isBetween(1_500, 2_500));
        }
    }

    @Test
    void beginsAtOnceWhileNatsIsUnavailable() {
        nats.kill();
        serve(Map.of());

        SseClient client = track(SseClient.open(server.port(), "?subject=a.b"));
        assertThat(client.next().field("retry")).hasSize(1);
        assertThat(client.next().data()).isEqualTo("{\"nats\":\"reconnecting\"}");

        nats.start();
        assertThat(client.next().data()).isEqualTo("{\"nats\":\"connected\"}");
    }

    @Test
    void deliversMessagesAsJson() throws IOException {
        serve(Map.of());
        SseClient client = client("?subject=orders.>");

        publisher.publish("orders.created", "Name: value\r\n", "größe\r\n🚀");

        JsonNode event = JSON.readTree(client.await("message").data());
        assertThat(event.path("subject").textValue()).isEqualTo("orders.created");
        assertThat(event.path("headers").path("Name").path(0).textValue()).isEqualTo("value");
        assertThat(event.path("data").textValue()).isEqualTo("größe\r\n🚀");
        assertThat(Instant.parse(event.path("time").textValue()))
                .isBetween(Instant.now().minusSeconds(5), Instant.now());
    }

    /** The states of an order come from a thread of the connection to NATS. */
    @Test
    void writesLinesFromAnyThreadOnTheEventLoopOfTheClient() {
        serve(Map.of());
        Set<Thread> writing = ConcurrentHashMap.newKeySet();
        Multi<byte[]> lines = Multi.createFrom()
                .items("1", "2", "3")
                .map(line -> line.getBytes(StandardCharsets.UTF_8))
                .emitOn(Infrastructure.getDefaultExecutor());

        SseClient client = track(SseClient.open(server.serve(lines, writing), ""));

        assertThat(client.messages(3)).extracting(Frame::data).containsExactly("1", "2", "3");
        assertThat(writing).hasSize(1);
    }

    @Test
    void deliversMessagesRaw() {
        serve(Map.of());
        SseClient client = client("?subject=orders.>&raw");

        publisher.publish("orders.created", "one\r\n two");

        assertThat(client.await("message").lines()).containsExactly("data: one", "data:  two");
    }

    @Test
    void servesBothFormatsFromOneSubscription() {
        serve(Map.of());
        SseClient json = client("?subject=orders.>");
        SseClient raw = client("?subject=orders.>&raw");

        publisher.publish("orders.created", "text");

        assertThat(json.await("message").data()).contains("\"data\":\"text\"");
        assertThat(raw.await("message").data()).isEqualTo("text");
        assertThat(server.tails.subscriptions()).isEqualTo(1);
    }

    @Test
    void deliversEachMessageOnceForAllSubjectsOfAClient() {
        serve(Map.of());
        SseClient client = client("?subject=a.*&subject=*.b&subject=c&raw");

        List.of("a.b", "x.y", "x.b", "c").forEach(subject -> publisher.publish(subject, subject));

        assertThat(client.messages(3)).extracting(Frame::data).containsExactlyInAnyOrder("a.b", "x.b", "c");
    }

    @Test
    void aQueueGroupSharesTheMessages() {
        serve(Map.of("heartbeat", "200ms"));
        List<SseClient> members =
                List.of(client("?subject=jobs&raw&queue=workers"), client("?subject=jobs&raw&queue=workers"));

        numbered(100).forEach(text -> publisher.publish("jobs", text));

        List<String> received = new ArrayList<>();
        await().atMost(Timeouts.LIMIT).until(() -> {
            members.forEach(member -> received.addAll(untilHeartbeat(member)));
            return received.size() >= 100;
        });
        assertThat(received).containsExactlyInAnyOrderElementsOf(numbered(100));
    }

    /** Returns the data of the messages before the next heartbeat. */
    private static List<String> untilHeartbeat(SseClient member) {
        return member.until(frame -> frame.lines().equals(List.of(":"))).stream()
                .filter(frame -> frame.type().equals("message"))
                .map(Frame::data)
                .toList();
    }

    @Test
    void oneSubscriptionServesFiftyClients() {
        serve(Map.of());
        List<String> subjects = new ArrayList<>(List.of("subject=a.>", "subject=b.*", "subject=c"));
        for (int i = 0; i < 50; i++) {
            Collections.rotate(subjects, 1);
            client("?raw&" + String.join("&", subjects));
        }

        publisher.publish("a.b", "to all");

        assertThat(server.tails.subscriptions()).isEqualTo(1);
        assertThat(server.tails.count()).isEqualTo(50);
        assertThat(clients)
                .allSatisfy(client -> assertThat(client.await("message").data()).isEqualTo("to all"));
    }

    /** Publishes only as many messages at once as the buffers hold if the machine stalls. */
    @Test
    void keepsTheOrderOfManyMessages() {
        serve(Map.of());
        SseClient client = client("?subject=orders&raw");

        for (int round = 0; round < 20; round++) {
            numbered(1_000).forEach(text -> publisher.publish("orders", text));

            assertThat(client.messages(1_000)).extracting(Frame::data).isEqualTo(numbered(1_000));
        }
    }

    @Test
    void sendsACommentWhenIdle() {
        serve(Map.of("heartbeat", "1s"));
        SseClient client = client("?subject=silence");

        assertThat(client.within(Duration.ofSeconds(4)).next().lines()).containsExactly(":");
        assertThat(client.next().lines()).containsExactly(":");
    }

    @Test
    void endsAfterItsLifetime() {
        serve(Map.of("lifetime", "1s"));
        SseClient client = client("?subject=a.b");

        assertThat(client.within(Duration.ofSeconds(4)).await("closed").data()).isEqualTo("{\"reason\":\"lifetime\"}");
        assertThat(client.next()).isNull();
        await().atMost(Timeouts.LIMIT).until(() -> server.tails.count() == 0 && server.tails.subscriptions() == 0);
    }

    @Test
    void endsWithTheService() {
        serve(Map.of());
        SseClient client = client("?subject=a.b");

        server.tails.close(Timeouts.LIMIT).await().atMost(Timeouts.LIMIT);

        assertThat(client.await("closed").data()).isEqualTo("{\"reason\":\"shutdown\"}");
        assertThat(client.next()).isNull();
        assertThat(server.tails.count()).isZero();
    }

    @Test
    void rejectsAClientThatConnectsWhileTheServiceStops() {
        serve(Map.of());
        server.tails.close(Timeouts.LIMIT).await().atMost(Timeouts.LIMIT);

        SseClient late = track(SseClient.open(server.port(), "?subject=a.b"));

        assertThat(late.exchange().status()).isEqualTo(200);
        assertThat(late.await("closed").data()).isEqualTo("{\"reason\":\"shutdown\"}");
    }

    @Test
    void rejectsMoreConnectionsThanConfigured() {
        serve(Map.of("max-connections", "3"));
        IntStream.range(0, 3).forEach(i -> client("?subject=a.b"));

        for (int i = 0; i < 20; i++) {
            SseClient refused = track(SseClient.open(server.port(), "?subject=a.b"));
            assertThat(refused.exchange().status()).isEqualTo(503);
        }

        assertThat(server.tails.refused()).isEqualTo(20);
        assertThat(server.tails.count()).isEqualTo(3);
    }

    /** NATS answers neither where the stream is nor that it has the subscription. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&core", "&queue=workers"})
    void aClientThatLeavesBeforeItsTailBeginsLeavesNothingBehind(String source) {
        serve(Map.of("max-connections", "1"));
        await().atMost(Timeouts.LIMIT).until(server::reachable);
        nats.freeze();
        try (HttpExchange leaving = new HttpExchange(server.port())) {
            leaving.send("GET /v1/events?subject=a.b" + source + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await().atMost(Timeouts.LIMIT).until(() -> server.tails.count() == 1);
        } finally {
            nats.thaw();
        }

        await().atMost(Timeouts.LIMIT).until(() -> server.tails.count() == 0 && server.tails.subscriptions() == 0);
        client("?subject=a.b&raw");
    }

    @Test
    void aRejectedTailReleasesItsPermit() {
        serve(Map.of("max-connections", "1"));
        await().atMost(Timeouts.LIMIT).until(server::reachable);

        for (int i = 0; i < 3; i++) {
            try (HttpExchange rejected = new HttpExchange(server.port())) {
                rejected.send("GET /v1/events?subject=a.b&start=all HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .head();
                assertThat(rejected.body()).startsWith("INVALID");
            }
        }

        assertThat(server.tails.count()).isZero();
        assertThat(server.tails.refused()).isZero();
    }

    @Test
    void unsubscribesWhenItsClientLeaves() {
        serve(Map.of());
        client("?subject=a.b");
        client("?subject=c.d");

        clients.forEach(SseClient::close);

        await().atMost(Timeouts.LIMIT).until(() -> server.tails.count() == 0 && server.tails.subscriptions() == 0);
    }

    @Test
    void staysOpenThroughAnOutage() {
        serve(Map.of());
        SseClient client = client("?subject=orders&raw");

        nats.kill();
        assertThat(client.next().data()).isEqualTo("{\"nats\":\"reconnecting\"}");
        nats.start();
        assertThat(client.next().data()).isEqualTo("{\"nats\":\"connected\"}");

        try (RawClient reconnected = new RawClient(nats)) {
            reconnected.publish("orders", "after");
            assertThat(client.await("message").data()).isEqualTo("after");
        }
    }

    @Test
    void reportsToASlowClientTheDroppedMessages() {
        serve(Map.of("client-buffer", "256K"));
        SseClient slow = track(SseClient.openWithSmallSocket(server.port(), "?subject=orders&raw"));
        slow.untilConnected();
        SseClient quick = client("?subject=orders&raw");
        String text = "x".repeat(1024);

        for (int round = 0; round < 100; round++) {
            IntStream.range(0, 100).forEach(i -> publisher.publish("orders", text));
            assertThat(quick.messages(100)).hasSize(100);
        }

        assertThat(server.tails.dropped()).isPositive();
        List<Frame> read = slow.until(frame -> frame.type().equals("dropped"));
        long reported = dropped(read);
        long received = received(read);
        while (reported + received < 10_000) {
            Frame frame = slow.next();
            reported += dropped(List.of(frame));
            received += received(List.of(frame));
        }
        assertThat(reported + received).isEqualTo(10_000);
        assertThat(reported).isEqualTo(server.tails.dropped());
    }

    @Test
    void aClientThatReadsGetsEverythingThroughASmallBuffer() {
        serve(Map.of("client-buffer", "64K"));
        SseClient client = client("?subject=orders&raw");
        String text = "x".repeat(100);

        for (int round = 0; round < 50; round++) {
            IntStream.range(0, 100).forEach(i -> publisher.publish("orders", text));
            assertThat(client.messages(100)).hasSize(100);
        }

        assertThat(server.tails.dropped()).isZero();
    }

    @Test
    void oneMessageLargerThanTheBufferPasses() {
        serve(Map.of("client-buffer", "64K"));
        SseClient client = client("?subject=orders&raw");
        String large = "x".repeat(900_000);

        publisher.publish("orders", large);

        assertThat(client.await("message").data()).isEqualTo(large);
        assertThat(server.tails.dropped()).isZero();
    }

    private void serve(Map<String, String> events) {
        server = new TailsServer(nats, events);
    }

    private SseClient client(String query) {
        return track(server.client(query));
    }

    private SseClient track(SseClient client) {
        clients.add(client);
        return client;
    }

    private static List<String> numbered(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static long received(List<Frame> frames) {
        return frames.stream().filter(frame -> frame.type().equals("message")).count();
    }

    private static long dropped(List<Frame> frames) {
        return frames.stream()
                .filter(frame -> frame.type().equals("dropped"))
                .mapToLong(frame -> json(frame).path("count").longValue())
                .sum();
    }

    private static JsonNode json(Frame frame) {
        try {
            return JSON.readTree(frame.data());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
