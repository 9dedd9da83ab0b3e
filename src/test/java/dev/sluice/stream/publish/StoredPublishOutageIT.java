package dev.sluice.stream.publish;

import static dev.sluice.stream.publish.TestPublishing.message;
import static dev.sluice.stream.publish.TestPublishing.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.TcpProxy;
import dev.sluice.support.Timeouts;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Publishes while NATS is down, frozen or restarting. */
class StoredPublishOutageIT {
    /** For tests in which only a reconnect may help, not the end of a timeout. */
    private static final Map<String, String> ENDLESS = Map.of("ack-timeout", "5m", "deadline", "10m");

    private final NatsServer server = NatsServer.started();
    private TestPublishing nats = new TestPublishing(server, Map.of());

    @AfterEach
    void close() {
        nats.close();
        server.close();
    }

    @Test
    void storesEachOf20000MessagesOnceWhileTheServerIsKilledThreeTimes() {
        int messages = 20_000;
        int killEvery = messages / 4;
        nats.create(stream("ORDERS", "orders.>"));
        List<Receipt> receipts = new ArrayList<>();
        List<CompletableFuture<Void>> restarts = new ArrayList<>();

        nats.publisher
                .publish(Multi.createFrom().range(0, messages).map(i -> message("orders.created", "order " + i)))
                .onItem()
                .invoke(receipt -> {
                    receipts.add(receipt);
                    if (receipts.size() % killEvery == 0 && receipts.size() < messages) {
                        restarts.add(CompletableFuture.runAsync(this::restart));
                    }
                })
                .collect()
                .last()
                .await()
                .atMost(Timeouts.LIMIT);

        assertThat(restarts).hasSize(3).allSatisfy(restart -> assertThat(restart)
                .succeedsWithin(Timeouts.LIMIT));
        assertThat(receipts).hasSize(messages).noneMatch(Receipt::duplicate);
        assertThat(nats.info("ORDERS").getStreamState().getMsgCount()).isEqualTo(messages);
        assertThat(receipts.stream().map(Receipt::sequence).collect(Collectors.toSet()))
                .hasSize(messages);
        for (int i = 0; i < messages; i += 997) {
            assertThat(nats.stored("ORDERS", receipts.get(i).sequence())).isEqualTo("order " + i);
        }
    }

    @Test
    void rejectsAtOnceWhileNatsIsUnavailable() {
        restartPublisher(ENDLESS);
        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> !nats.publisher.reachable());

        SluiceException refusal = refusal(nats.publisher.publish(message("orders.created", "x")), Timeouts.LIMIT);

        assertThat(refusal.failure()).isEqualTo(Failure.UNAVAILABLE);
    }

    @Test
    void aStreamOfMessagesWaitsForNats() {
        nats.create(stream("ORDERS", "orders.>"));
        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> !nats.publisher.reachable());
        AssertSubscriber<Receipt> receipts = nats.publisher
                .publish(Multi.createFrom().items("a", "b").map(text -> message("orders.created", text)))
                .subscribe()
                .withSubscriber(AssertSubscriber.create(2));

        server.start();

        receipts.awaitCompletion(Timeouts.LIMIT)
                .assertItems(new Receipt("ORDERS", 1, false), new Receipt("ORDERS", 2, false));
    }

    @Test
    void isUnavailableIfTheMessageWasNeverSent() {
        restartPublisher(Map.of("deadline", "300ms"));
        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> !nats.publisher.reachable());

        SluiceException refusal = refusal(
                nats.publisher
                        .publish(Multi.createFrom().item(message("orders.created", "x")))
                        .toUni(),
                Timeouts.LIMIT);

        assertThat(refusal.failure()).isEqualTo(Failure.UNAVAILABLE);
    }

    @Test
    void hasAnUnknownOutcomeIfNoAnswerArrivesInTime() {
        nats.create(stream("ORDERS", "orders.>"));
        restartPublisher(Map.of("ack-timeout", "200ms", "deadline", "1s"));
        server.freeze();

        SluiceException refusal = refusal(nats.publisher.publish(message("orders.created", "x")), Timeouts.LIMIT);

        assertThat(refusal.failure()).isEqualTo(Failure.OUTCOME_UNKNOWN);
        server.thaw();
    }

    @Test
    void resendsUnansweredMessagesAtTheReconnect() {
        nats.create(stream("ORDERS", "orders.>"));
        restartPublisher(Map.of("ack-timeout", "5m", "deadline", "10m"));
        server.freeze();
        CompletableFuture<Receipt> receipt =
                nats.publisher.publish(message("orders.created", "x")).subscribeAsCompletionStage();
        await().atMost(Timeouts.LIMIT).until(() -> nats.publisher.inFlight() == 1);

        server.kill();
        server.start();

        assertThat(receipt).succeedsWithin(Timeouts.LIMIT).isEqualTo(new Receipt("ORDERS", 1, false));
    }

    @Test
    void resendsWithTheSameIdUntilTheServerAnswers() {
        nats.create(stream("ORDERS", "orders.>"));
        restartPublisher(Map.of("ack-timeout", "100ms"));
        server.freeze();
        CompletableFuture<Receipt> receipt =
                nats.publisher.publish(message("orders.created", "x")).subscribeAsCompletionStage();
        await().atMost(Timeouts.LIMIT).until(() -> nats.publisher.counters().resent() >= 3);

        server.thaw();

        assertThat(receipt).succeedsWithin(Timeouts.LIMIT).isEqualTo(new Receipt("ORDERS", 1, false));
        assertThat(nats.info("ORDERS").getStreamState().getMsgCount()).isEqualTo(1);
    }

    @Test
    void rejectsAtOnceIfTheWindowIsFull() {
        nats.create(stream("ORDERS", "orders.>"));
        restartPublisher(Map.of("window", "2", "deadline", "10m"));
        server.freeze();
        List<CompletableFuture<Receipt>> two = List.of(
                nats.publisher.publish(message("orders.a", "1")).subscribeAsCompletionStage(),
                nats.publisher.publish(message("orders.b", "2")).subscribeAsCompletionStage());

        SluiceException refusal = refusal(nats.publisher.publish(message("orders.c", "3")), Timeouts.LIMIT);

        assertThat(refusal.failure()).isEqualTo(Failure.OVERLOADED);
        assertThat(nats.publisher.counters().refused(Failure.OVERLOADED)).isEqualTo(1);
        server.thaw();
        assertThat(two).allSatisfy(receipt -> assertThat(receipt).succeedsWithin(Timeouts.LIMIT));
        assertThat(nats.publisher.publish(message("orders.c", "3")).await().atMost(Timeouts.LIMIT))
                .isEqualTo(new Receipt("ORDERS", 3, false));
    }

    @Test
    void quiesceWaitsForPublishesInFlightAndRejectsNewOnes() {
        nats.create(stream("ORDERS", "orders.>"));
        restartPublisher(Map.of("deadline", "10m"));
        server.freeze();
        CompletableFuture<Receipt> inFlight =
                nats.publisher.publish(message("orders.created", "x")).subscribeAsCompletionStage();
        CompletableFuture<Void> quiet =
                nats.publisher.quiesce(Duration.ofMinutes(10)).subscribeAsCompletionStage();
        SluiceException refusal = refusal(nats.publisher.publish(message("orders.created", "y")), Timeouts.LIMIT);
        boolean early = quiet.isDone();

        server.thaw();

        assertThat(quiet).succeedsWithin(Timeouts.LIMIT);
        assertThat(early).isFalse();
        assertThat(inFlight).isCompleted();
        assertThat(refusal.failure()).isEqualTo(Failure.UNAVAILABLE);
    }

    @Test
    @Tag("slow")
    void storesEachMessageOnceAcrossASilentNetworkAndContinuesAtTheReconnect() {
        nats.create(stream("ORDERS", "orders.>"));
        TcpProxy proxy = TcpProxy.to(server.port());
        NatsLink through = TestLinks.link(Map.of("servers", "nats://127.0.0.1:" + proxy.port()));
        try (TestPublishing far = new TestPublishing(server, through, ENDLESS)) {
            AssertSubscriber<Receipt> receipts = far.publisher
                    .publish(Multi.createFrom().range(0, 20_000).map(i -> message("orders.created", "order " + i)))
                    .subscribe()
                    .withSubscriber(AssertSubscriber.create(10_000));
            await().atMost(Timeouts.LIMIT).until(() -> receipts.getItems().size() >= 200);

            proxy.blackHole();
            await().atMost(Timeouts.LIMIT).until(() -> !far.publisher.reachable());
            SluiceException refusal = refusal(far.publisher.publish(message("orders.a", "x")), Timeouts.LIMIT);
            proxy.restore();
            receipts.request(Long.MAX_VALUE);

            assertThat(refusal.failure()).isEqualTo(Failure.UNAVAILABLE);
            receipts.awaitCompletion(Timeouts.LIMIT);
            assertThat(receipts.getItems().stream().map(Receipt::sequence)).doesNotHaveDuplicates();
            assertThat(nats.info("ORDERS").getStreamState().getMsgCount()).isEqualTo(20_000);
        } finally {
            proxy.close();
        }
    }

    private void restart() {
        server.kill();
        server.start();
    }

    private void restartPublisher(Map<String, String> keys) {
        nats.close();
        nats = new TestPublishing(server, keys);
    }

    private static SluiceException refusal(Uni<Receipt> publish, Duration timeout) {
        return catchThrowableOfType(SluiceException.class, () -> publish.await().atMost(timeout));
    }
}
