package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.pull.Delivery;
import dev.sluice.stream.pull.FetchRequest;
import dev.sluice.support.Broker;
import dev.sluice.support.LogRecords;
import dev.sluice.support.Timeouts;
import io.nats.client.api.ConsumerInfo;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Broker.class)
class OrderProcessorIT {
    @Parameter
    Broker broker;

    @BeforeEach
    void empty() {
        broker.empty();
    }

    /** A handler may be called again for an order after its ack wait; the status still changes only once. */
    @Test
    void processesEveryOrderOnce() {
        Set<String> handled = ConcurrentHashMap.newKeySet();
        OrderHandler handler = order -> {
            handled.add(order.orderId());
            return Uni.createFrom().item(new Outcome.Done(false));
        };
        try (TestOrders orders = new TestOrders(broker, handler, "processor")) {
            List<String> ids = IntStream.range(0, 200).mapToObj(i -> "A-" + i).toList();
            ids.forEach(id -> TestOrders.get(orders.intake.submit(TestOrders.order(id))));

            await().atMost(Timeouts.LIMIT).until(() -> orders.processing.settled(OrderStatus.PROCESSED) == ids.size());
            assertThat(handled).containsExactlyInAnyOrderElementsOf(ids);
        }
    }

    @Test
    void waitsForItsStreamsAtTheFirstStart() {
        try (LogRecords log = LogRecords.of(OrderWorkers.class.getName());
                TestOrders orders =
                        new TestOrders(broker, TestOrders.done(), "processor", "batch-processor", "undertaker")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));

            orders.awaitStatus("A-17", OrderStatus.PROCESSED);
            assertThat(log.messages()).noneMatch(message -> message.contains("pauses"));
        }
    }

    @Test
    void storesTheStatusWithTheDeliveryCount() {
        AtomicInteger attempts = new AtomicInteger();
        OrderHandler failsTwice = order -> Uni.createFrom()
                .item(
                        attempts.incrementAndGet() < 3
                                ? new Outcome.RetryAfter(Duration.ZERO, "not yet")
                                : new Outcome.Done(true));
        try (TestOrders orders = new TestOrders(broker, failsTwice, "processor")) {
            Receipt receipt = TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));

            OrderState state = orders.awaitStatus("A-17", OrderStatus.PROCESSED);
            assertThat(state.deliveries()).isEqualTo(3);
            assertThat(state.priceChecked()).isTrue();
            assertThat(state.sequence()).isEqualTo(receipt.sequence());
        }
    }

    @Test
    void anOutageOfADependencyUsesNoDelivery() {
        AtomicInteger attempts = new AtomicInteger();
        OrderHandler awayForLong = order -> attempts.incrementAndGet() < 8
                ? Uni.createFrom().failure(Failure.UNAVAILABLE.because("away"))
                : Uni.createFrom().item(new Outcome.Done(false));
        try (TestOrders orders = new TestOrders(broker, awayForLong, "processor")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));

            assertThat(orders.awaitStatus("A-17", OrderStatus.PROCESSED).deliveries())
                    .isEqualTo(1);
            assertThat(orders.processing.held()).isEqualTo(7);
        }
    }

    @Test
    void anOutageThatOutlastsTheHoldTimeoutIsAFailedDelivery() {
        OrderHandler away = order -> Uni.createFrom().failure(Failure.UNAVAILABLE.because("away"));
        try (TestOrders orders = new TestOrders(Map.of("hold-timeout", "50ms"), broker, away, "processor")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));

            OrderState dead = orders.awaitStatus("A-17", OrderStatus.DEAD);
            assertThat(dead.deliveries()).isEqualTo(5);
            assertThat(orders.processing.held()).isPositive();
            assertThat(orders.awaitDeadLetters(1).get(0).reason()).endsWith("at last: away");
        }
    }

    @Test
    void aRedeliveryOfAProcessedOrderChangesNothing() {
        AtomicInteger handled = new AtomicInteger();
        OrderHandler handler = order -> {
            handled.incrementAndGet();
            return Uni.createFrom().item(new Outcome.Done(false));
        };
        try (TestOrders orders = new TestOrders(broker, handler, "processor")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));
            OrderState first = orders.awaitStatus("A-17", OrderStatus.PROCESSED);

            orders.publish("{\"order_id\":\"A-17\",\"amount\":4999}");
            TestOrders.get(orders.intake.submit(TestOrders.order("A-18")));

            orders.awaitStatus("A-18", OrderStatus.PROCESSED);
            orders.awaitState(first);
            assertThat(handled).hasValue(2);
        }
    }

    @Test
    void aDeliveryOfAnEarlierMessageLeavesARedrivenOrderAlone() {
        try (TestOrders orders = new TestOrders(broker, TestOrders.done())) {
            OrderState redriven = redriven(orders);
            Delivery old = TestOrders.get(orders.pulls.fetchWhole(
                            OrderWorkers.PROCESSOR, new FetchRequest(1, 1 << 20, Timeouts.LIMIT, true)))
                    .get(0);

            TestOrders.get(orders.processing.settle(old));

            assertThat(old.settled()).isTrue();
            assertThat(TestOrders.get(orders.states.latest("A-17"))).contains(redriven);
        }
    }

    @Test
    void theLastDeliveryOfAnEarlierMessageLeavesARedrivenOrderAlone() {
        try (TestOrders orders = new TestOrders(broker, TestOrders.done(), "undertaker")) {
            OrderState redriven = redriven(orders);

            orders.exhaust(1);

            await().atMost(Timeouts.LIMIT).until(() -> {
                ConsumerInfo undertaker =
                        orders.manage(it -> it.getConsumerInfo("ORDERS_EXHAUSTED", "order-undertaker"));
                return undertaker.getAckFloor().getConsumerSequence() == 1;
            });
            assertThat(TestOrders.get(orders.states.latest("A-17"))).contains(redriven);
            assertThat(orders.deadLetters("*")).isEmpty();
        }
    }

    /** Returns the state of an order whose first message is stored at 1 and whose redrive, at 10, is in progress. */
    private static OrderState redriven(TestOrders orders) {
        orders.publish("{\"order_id\":\"A-17\",\"amount\":4999}");
        return TestOrders.get(orders.states.change(
                        "A-17",
                        none -> Optional.of(OrderState.processing(
                                TestOrders.order("A-17"), new OrderMessage(10, Instant.now()), 1))))
                .state()
                .orElseThrow();
    }

    @Test
    void twoWorkersAtOnceFinishAnOrderOnce() {
        try (TestOrders orders = new TestOrders(broker, TestOrders.done(), "processor", "batch-processor")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));

            OrderState first = orders.awaitStatus("A-17", OrderStatus.PROCESSED);
            await().during(Duration.ofMillis(600)).atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(
                            TestOrders.get(orders.states.find("A-17")))
                    .contains(first));
        }
    }

    @Test
    void aHandlerThatHangsOrThrowsUsesOneDelivery() {
        AtomicInteger attempts = new AtomicInteger();
        OrderHandler bad = order -> {
            switch (attempts.incrementAndGet()) {
                case 1:
                    return Uni.createFrom().nothing();
                case 2:
                    throw new IllegalStateException("broken");
                default:
                    return Uni.createFrom().item(new Outcome.Done(false));
            }
        };
        try (TestOrders orders = new TestOrders(broker, bad, "processor")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));

            assertThat(orders.awaitStatus("A-17", OrderStatus.PROCESSED).deliveries())
                    .isEqualTo(3);
        }
    }

    @Test
    void countsNoDeliveryThatSettlesNothing() {
        AtomicReference<OrderStates> states = new AtomicReference<>();
        OrderHandler slower = order -> Objects.requireNonNull(states.get())
                .change(order.orderId(), state -> state.map(is -> is.processed(false)))
                .replaceWith(new Outcome.Done(false));
        try (TestOrders orders = new TestOrders(broker, slower)) {
            states.set(orders.states);
            TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));

            orders.settleNext();

            orders.awaitStatus("A-17", OrderStatus.PROCESSED);
            assertThat(orders.processing.settled(OrderStatus.PROCESSED)).isZero();
        }
    }

    @Test
    void theSameOrderAgainIsADuplicate() {
        try (TestOrders orders = new TestOrders(broker, TestOrders.done())) {
            Receipt first = TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));

            Receipt second = TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));

            assertThat(first.duplicate()).isFalse();
            assertThat(second).isEqualTo(new Receipt("ORDERS", first.sequence(), true));
        }
    }
}
