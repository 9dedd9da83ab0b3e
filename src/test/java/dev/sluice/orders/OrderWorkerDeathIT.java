package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.pull.Delivery;
import dev.sluice.support.Broker;
import dev.sluice.support.Timeouts;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StreamConfiguration;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A worker dies between the delivery of an order and its ack, and another worker takes over. In the end the order's
 * status, the dead letters and the consumer's state are consistent.
 */
@Tag("slow")
class OrderWorkerDeathIT {
    private static final String ORDER = "A-17";
    private static final Broker BROKER = Broker.CLUSTER;
    private static final OrderHandler REJECTS = order -> Uni.createFrom().item(new Outcome.Reject("no"));

    private final List<TestOrders> started = new ArrayList<>();

    @BeforeEach
    void empty() {
        BROKER.empty();
    }

    @AfterEach
    void close() {
        started.forEach(TestOrders::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {"processor", "batch-processor"})
    void beforeItReadsTheOrder(String worker) {
        TestOrders dying = started(TestOrders.done());
        CompletableFuture<Long> taken = new CompletableFuture<>();
        dying.pulls
                .pull(consumer(worker), dying.pulls.options())
                .map(Delivery::streamSequence)
                .subscribe()
                .with(taken::complete);
        submit(dying);
        await().atMost(Timeouts.LIMIT).until(taken::isDone);
        dying.die();

        TestOrders next = started(TestOrders.done(), worker, "undertaker");

        assertThat(next.awaitStatus(ORDER, OrderStatus.PROCESSED).deliveries()).isGreaterThan(1);
        agrees(next, worker, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"processor", "batch-processor"})
    void whileItHandles(String worker) throws Exception {
        diesIn(TestOrders.done(), TestOrders::die, worker);

        TestOrders next = started(TestOrders.done(), worker, "undertaker");

        assertThat(next.awaitStatus(ORDER, OrderStatus.PROCESSED).deliveries()).isGreaterThan(1);
        agrees(next, worker, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"processor", "batch-processor"})
    void betweenTheStatusAndTheAck(String worker) throws Exception {
        TestOrders dead = diesIn(TestOrders.done(), TestOrders::dieToConsumers, worker);
        OrderState noted = dead.awaitStatus(ORDER, OrderStatus.PROCESSED);
        AtomicInteger handledAgain = new AtomicInteger();

        TestOrders next = started(
                order -> {
                    handledAgain.incrementAndGet();
                    return TestOrders.done().handle(order);
                },
                worker,
                "undertaker");

        agrees(next, worker, 0);
        next.awaitState(noted);
        assertThat(handledAgain).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"processor", "batch-processor"})
    void betweenTheDeadLetterWithItsStatusAndTheTerm(String worker) throws Exception {
        TestOrders dead = diesIn(REJECTS, TestOrders::dieToConsumers, worker);
        OrderState noted = dead.awaitStatus(ORDER, OrderStatus.REJECTED);

        TestOrders next = started(REJECTS, worker, "undertaker");

        agrees(next, worker, 1);
        next.awaitState(noted);
    }

    /** The status write after the work fails; status writes work again before the next delivery. */
    @ParameterizedTest
    @ValueSource(strings = {"processor", "batch-processor"})
    void betweenTheWorkAndTheStatus(String worker) throws Exception {
        CompletableFuture<Void> worked = new CompletableFuture<>();
        OrderHandler handler = order -> {
            if (!worked.isDone()) {
                largestStatus(1);
            }
            return TestOrders.done().handle(order).invoke(() -> worked.complete(null));
        };
        TestOrders orders = new TestOrders(Map.of("retry-pause", "3s"), BROKER, handler, worker, "undertaker");
        started.add(orders);
        submit(orders);
        worked.get(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS);
        await().atMost(Timeouts.LIMIT).until(() -> orders.workers.inFlight() == 0);

        largestStatus(-1);

        assertThat(orders.awaitStatus(ORDER, OrderStatus.PROCESSED).deliveries())
                .isGreaterThan(1);
        agrees(orders, worker, 0);
    }

    /** Status writes fail from before the dead letter is stored until the last delivery is settled. */
    @ParameterizedTest
    @ValueSource(strings = {"processor", "batch-processor"})
    void betweenTheDeadLetterAndTheStatus(String worker) throws Exception {
        AtomicBoolean closed = new AtomicBoolean();
        TestOrders orders = started(
                order -> {
                    if (closed.compareAndSet(false, true)) {
                        largestStatus(1);
                    }
                    return REJECTS.handle(order);
                },
                worker,
                "undertaker");
        submit(orders);
        orders.awaitDeadLetters(1);
        await().atMost(Timeouts.LIMIT).until(() -> held(worker).getNumAckPending() == 0);

        largestStatus(-1);

        await().atMost(Broker.AGREEMENT).until(() -> TestOrders.get(orders.states.find(ORDER))
                .filter(state -> state.status() == OrderStatus.REJECTED || state.status() == OrderStatus.DEAD)
                .isPresent());
        agrees(orders, worker, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"processor", "batch-processor"})
    void ofAnErrorInItsHandler(String worker) {
        AtomicInteger attempts = new AtomicInteger();
        TestOrders orders = started(
                order -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw new StackOverflowError("made up");
                    }
                    return TestOrders.done().handle(order);
                },
                worker,
                "undertaker");
        submit(orders);

        assertThat(orders.awaitStatus(ORDER, OrderStatus.PROCESSED).deliveries())
                .isEqualTo(2);
        agrees(orders, worker, 0);
    }

    /** Another worker settles another delivery of the order in the meantime. */
    @ParameterizedTest
    @ValueSource(strings = {"processor", "batch-processor"})
    void ofALongSleepPastTheAckWait(String worker) throws Exception {
        CompletableFuture<Outcome> sleep = new CompletableFuture<>();
        CompletableFuture<Void> asleep = new CompletableFuture<>();
        OrderHandler sleeps = order -> {
            asleep.complete(null);
            return Uni.createFrom().completionStage(sleep);
        };
        TestOrders sleeping = new TestOrders(Map.of("attempt-timeout", "60s"), BROKER, sleeps, worker);
        started.add(sleeping);
        submit(sleeping);
        asleep.get(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS);
        sleeping.dieToConsumers();
        TestOrders next = started(TestOrders.done(), worker, "undertaker");
        OrderState noted = next.awaitStatus(ORDER, OrderStatus.PROCESSED);

        sleep.complete(new Outcome.Reject("too late"));

        await().atMost(Timeouts.LIMIT).until(() -> sleeping.workers.inFlight() == 0);
        agrees(next, worker, 0);
        next.awaitState(noted);
    }

    /**
     * Submits the order to a worker whose handler first runs {@code death} and then the given handler. The order is
     * stored before the handler receives it; the receipt may be lost with the worker.
     */
    private TestOrders diesIn(OrderHandler handler, Consumer<TestOrders> death, String worker) throws Exception {
        AtomicReference<TestOrders> itself = new AtomicReference<>();
        CompletableFuture<Void> dead = new CompletableFuture<>();
        TestOrders dying = started(
                order -> {
                    death.accept(itself.get());
                    dead.complete(null);
                    return handler.handle(order);
                },
                worker);
        itself.set(dying);
        dying.intake.submit(TestOrders.order(ORDER)).subscribe().with(stored -> {}, lost -> {});
        dead.get(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS);
        return dying;
    }

    private TestOrders started(OrderHandler handler, String... switched) {
        TestOrders orders = new TestOrders(BROKER, handler, switched);
        started.add(orders);
        return orders;
    }

    private static void submit(TestOrders orders) {
        TestOrders.get(orders.intake.submit(TestOrders.order(ORDER)));
    }

    /**
     * Waits until the consumer has nothing pending and asserts the number of dead letters. One more dead letter is
     * added to show that no other arrives before it.
     */
    private void agrees(TestOrders orders, String worker, int deadLetters) {
        await().atMost(Timeouts.LIMIT)
                .until(() ->
                        held(worker).getNumAckPending() == 0 && held(worker).getNumPending() == 0);
        orders.publish("{\"order_id\":\"last\",\"amount\":-1}");
        assertThat(orders.awaitDeadLetters(deadLetters + 1)).hasSize(deadLetters + 1);
    }

    private ConsumerInfo held(String worker) {
        try {
            return BROKER.connection()
                    .jetStreamManagement()
                    .getConsumerInfo(OrderIntake.STREAM, consumer(worker).consumer());
        } catch (IOException | JetStreamApiException e) {
            throw new IllegalStateException(e);
        }
    }

    private void largestStatus(int bytes) {
        try {
            JetStreamManagement management = BROKER.connection().jetStreamManagement();
            management.updateStream(StreamConfiguration.builder(
                            management.getStreamInfo("KV_ORDER_STATUS").getConfiguration())
                    .maximumMessageSize(bytes)
                    .build());
        } catch (IOException | JetStreamApiException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ConsumerRef consumer(String worker) {
        return worker.equals("processor") ? OrderWorkers.PROCESSOR : OrderWorkers.BATCH_PROCESSOR;
    }
}
