package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Overflow;
import dev.sluice.nats.TestSubscriptions.Watched;
import dev.sluice.support.FreePorts;
import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import dev.sluice.support.Timeouts;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a subscriber receives from a real server, and its notifications during an outage. */
class CoreSubscriptionsIT {
    private static final int MONITORING = FreePorts.next();
    private static NatsServer server;

    private RawClient publisher;
    private TestSubscriptions nats;

    @BeforeAll
    static void startServer() {
        server = NatsServer.started("http: \"127.0.0.1:" + MONITORING + "\"");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void connect() {
        publisher = new RawClient(server);
        nats = new TestSubscriptions(server, Map.of("buffer-messages", "10", "buffer-size", "4096"));
    }

    @AfterEach
    void disconnect() {
        nats.close();
        publisher.close();
    }

    @Test
    void deliversMessagesUnchanged() {
        Watched orders = nats.watch("orders.>");

        publisher.publish("orders.created", "Name: one\r\nName: two\r\n", "größe 🚀");

        InboundMessage message =
                orders.subscriber().awaitItems(1, Timeouts.LIMIT).getItems().get(0);
        assertThat(message.subject()).isEqualTo("orders.created");
        assertThat(message.headers()).isEqualTo(Map.of("Name", List.of("one", "two")));
        assertThat(new String(message.data(), StandardCharsets.UTF_8)).isEqualTo("größe 🚀");
    }

    @Test
    void deliversOnSubjectsBeyondAscii() {
        Watched wide = nats.watch("größe.*", "日本.🚀");

        publisher.publish("größe.naïve", "1");
        publisher.publish("日本.🚀", "2");

        wide.subscriber().awaitItems(2, Timeouts.LIMIT);
        assertThat(wide.subjects()).containsExactlyInAnyOrder("größe.naïve", "日本.🚀");
    }

    @Test
    void deliversAMessageOnceIfPatternsOverlap() {
        Watched both = nats.watch("a.*", "*.b");

        for (String subject : List.of("a.b", "a.x", "x.b")) {
            publisher.publish(subject, "");
        }

        both.awaitMarker(publisher, "a.marker", Timeouts.LIMIT);
        assertThat(both.subjects())
                .filteredOn(subject -> !subject.equals("a.marker"))
                .containsExactlyInAnyOrder("a.b", "a.x", "x.b");
    }

    @Test
    void deliversEachMessageToOneMemberOfAQueueGroup() {
        Optional<String> group = Optional.of("workers");
        Watched one = nats.watch(TestSubscriptions.set("jobs.>"), group, Overflow.FAIL, Long.MAX_VALUE);
        Watched two = nats.watch(TestSubscriptions.set("jobs.>"), group, Overflow.FAIL, Long.MAX_VALUE);

        publish("jobs.", 200);

        await().atMost(Timeouts.LIMIT)
                .until(() -> one.subjects().size() + two.subjects().size() == 200);
        assertThat(one.subjects()).isNotEmpty().doesNotContainAnyElementsOf(two.subjects());
        assertThat(two.subjects()).isNotEmpty();
    }

    @Test
    void losesNothingInAQueueGroupWithOverlappingPatterns() {
        Optional<String> group = Optional.of("workers");
        Watched member = nats.watch(TestSubscriptions.set("jobs.*", "*.1"), group, Overflow.FAIL, Long.MAX_VALUE);

        for (int i = 0; i < 100; i++) {
            publisher.publish("jobs.1", "");
        }
        member.awaitMarker(publisher, "jobs.marker", Timeouts.LIMIT);

        assertThat(member.subjects()).filteredOn("jobs.1"::equals).hasSize(100);
    }

    @Test
    void hidesReservedSubjects() {
        Watched everything = nats.watch(">");

        publisher.publish("_INBOX.secret", "x");
        publisher.publish("$JS.API.INFO", "x");
        publisher.publish("$KV.bucket.key", "x");

        everything.awaitMarker(publisher, "visible", Timeouts.LIMIT);
        assertThat(everything.subjects()).containsOnly("visible");
    }

    @Test
    void reportsAnOutageAndDeliversAfterIt() {
        Watched orders = nats.watch("orders.>");

        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> orders.changes().seen.equals(List.of("active", "interrupted")));
        server.start();
        await().atMost(Timeouts.LIMIT)
                .until(() -> orders.changes().seen.equals(List.of("active", "interrupted", "active")));

        try (RawClient reconnected = new RawClient(server)) {
            reconnected.publish("orders.after", "x");
            orders.subscriber().awaitItems(1, Timeouts.LIMIT);
        }
        assertThat(orders.subjects()).containsExactly("orders.after");
    }

    @Test
    void hasOneSubscriptionAfterSeveralOutages() {
        Watched orders = nats.watch("orders.outage");
        for (int i = 2; i < 4; i++) {
            int outages = i;
            server.kill();
            server.start();
            await().atMost(Timeouts.LIMIT).until(() -> active(orders) == outages);
        }

        assertThat(subscriptions()).containsOnlyOnce("orders.outage");
        await().atMost(Timeouts.LIMIT).until(() -> !subscriptions().contains("_INBOX"));
    }

    @Test
    void deliversHeadersThatSomeClientsCannotRead() {
        Watched orders = nats.watch("orders.>");

        publisher.publish("orders.accent", "Name: caf\u00e9\r\n", "payload");

        orders.awaitMarker(publisher, "orders.after", Timeouts.LIMIT);
        InboundMessage message = orders.subscriber().getItems().get(0);
        assertThat(message.headers()).isEqualTo(Map.of("Name", List.of("caf\u00e9")));
        assertThat(message.data()).asString().isEqualTo("payload");
        assertThat(orders.changes().seen).doesNotContain("interrupted");
    }

    @Test
    void deliversAMessageThatWasPublishedWithAStatus() {
        Watched orders = nats.watch("orders.>");

        publisher.publishBlock("orders.status", "NATS/1.0 503\r\nName: value\r\n\r\n", "payload");

        orders.awaitMarker(publisher, "orders.after", Timeouts.LIMIT);
        InboundMessage message = orders.subscriber().getItems().get(0);
        assertThat(message.headers()).isEqualTo(Map.of("Name", List.of("value")));
        assertThat(message.data()).asString().isEqualTo("payload");
    }

    @Test
    void ignoresAPublishedStatusWithoutPayload() {
        Watched orders = nats.watch("orders.>");

        publisher.publishBlock("orders.status", "NATS/1.0 503\r\n\r\n", "");

        orders.awaitMarker(publisher, "orders.after", Timeouts.LIMIT);
        assertThat(orders.subjects()).containsOnly("orders.after");
    }

    @Test
    void failsAStalledSubscriberByDefault() {
        Watched stalled = stalled(Overflow.FAIL);

        publish("orders.", 100);

        await().atMost(Timeouts.LIMIT).until(() -> nats.subscriptions.dropped() == 1);
        stalled.subscriber().request(100).awaitFailure(Timeouts.LIMIT);
        assertThat(stalled.subjects()).containsExactlyElementsOf(numbered("orders.", 0, 10));
        assertThat(((SluiceException) stalled.subscriber().getFailure()).failure())
                .isEqualTo(Failure.OVERFLOW);
    }

    @Test
    void dropsTheNewestMessagesOfAStalledSubscriber() {
        Watched stalled = stalled(Overflow.DROP_NEWEST);

        publish("orders.", 100);

        await().atMost(Timeouts.LIMIT).until(() -> nats.subscriptions.dropped() == 90);
        stalled.subscriber().request(100);
        assertThat(stalled.subjects()).containsExactlyElementsOf(numbered("orders.", 0, 10));
    }

    @Test
    void dropsTheOldestMessagesOfAStalledSubscriber() {
        Watched stalled = stalled(Overflow.DROP_OLDEST);

        publish("orders.", 100);

        await().atMost(Timeouts.LIMIT).until(() -> nats.subscriptions.dropped() == 90);
        stalled.subscriber().request(100);
        assertThat(stalled.subjects()).containsExactlyElementsOf(numbered("orders.", 90, 100));
    }

    @Test
    void keepsTheLatestMessageOfAStalledSubscriber() {
        Watched stalled = stalled(Overflow.LATEST);

        publish("orders.", 100);

        await().atMost(Timeouts.LIMIT).until(() -> nats.subscriptions.dropped() == 99);
        stalled.subscriber().request(100);
        assertThat(stalled.subjects()).containsExactly("orders.99");
    }

    @Test
    void aStalledSubscriberDoesNotDelayOtherSubscribers() {
        stalled(Overflow.DROP_OLDEST);
        stalled(Overflow.DROP_OLDEST);
        Watched quick = nats.watch("orders.>");

        publish("orders.", 1_000);

        quick.subscriber().awaitItems(1_000, Timeouts.LIMIT);
        assertThat(quick.subjects()).containsExactlyElementsOf(numbered("orders.", 0, 1_000));
    }

    @Test
    void unsubscribesWhenCancelled() {
        Watched watched = nats.watch("watched.here");
        assertThat(subscriptions()).contains("watched.here");

        watched.subscriber().cancel();

        await().atMost(Timeouts.LIMIT).until(() -> !subscriptions().contains("watched.here"));
    }

    @Test
    void subscribesOnceNatsIsAvailable() {
        server.kill();
        TestSubscriptions.Changes changes = new TestSubscriptions.Changes();
        AssertSubscriber<InboundMessage> early = nats.subscriptions
                .subscribe(TestSubscriptions.set("orders.>"), Optional.empty(), Overflow.FAIL, changes)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(Long.MAX_VALUE));

        server.start();
        await().atMost(Timeouts.LIMIT).until(() -> changes.seen.contains("active"));

        try (RawClient reconnected = new RawClient(server)) {
            reconnected.publish("orders.early", "x");
            early.awaitItems(1, Timeouts.LIMIT);
        }
    }

    private Watched stalled(Overflow overflow) {
        return nats.watch(TestSubscriptions.set("orders.>"), Optional.empty(), overflow, 0);
    }

    private void publish(String prefix, int count) {
        numbered(prefix, 0, count).forEach(subject -> publisher.publish(subject, ""));
        publisher.flush();
    }

    private static List<String> numbered(String prefix, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> prefix + i).toList();
    }

    private static long active(Watched watched) {
        return watched.changes().seen.stream().filter("active"::equals).count();
    }

    /** Returns the server's report of its clients' subscriptions. */
    private static String subscriptions() {
        URI monitoring = URI.create("http://127.0.0.1:" + MONITORING + "/connz?subs=1");
        try {
            return HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(monitoring).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
