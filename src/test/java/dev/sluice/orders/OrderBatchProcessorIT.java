package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.Broker;
import dev.sluice.support.Timeouts;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Broker.class)
class OrderBatchProcessorIT {
    /** Longer than any test, so that only a return makes an order available to others. */
    private static final Map<String, String> NO_ACK_WAIT =
            Map.of("sluice.topology.streams.ORDERS.consumers.order-batch-processor.ack-wait", "1h");

    @Parameter
    Broker broker;

    @BeforeEach
    void empty() {
        broker.empty();
    }

    @Test
    void processesFullBatchesAndTheRest() {
        try (TestOrders orders = new TestOrders(broker, TestOrders.done(), "batch-processor")) {
            List<String> ids = IntStream.range(0, 120).mapToObj(i -> "B-" + i).toList();

            ids.forEach(id -> TestOrders.get(orders.intake.submit(TestOrders.order(id))));

            await().atMost(Timeouts.LIMIT).until(() -> orders.processing.settled(OrderStatus.PROCESSED) == ids.size());
            assertThat(orders.processing.retried()).isZero();
        }
    }

    @Test
    void returnsAnIncompleteBatchWhenItStops() {
        Map<String, String> patient = with(Map.of("batch-wait", "30s"));
        List<String> ids = List.of("B-1", "B-2", "B-3");
        try (TestOrders stopped = new TestOrders(patient, broker, TestOrders.done(), "batch-processor")) {
            ids.forEach(id -> TestOrders.get(stopped.intake.submit(TestOrders.order(id))));
            awaitDelivered(stopped, ids.size());

            stopped.workers.stop();

            processedBySomebodyElse(ids);
        }
    }

    @Test
    void returnsTheOrdersOfABatchThatItHasNotStartedWhenItStops() {
        Map<String, String> one = with(Map.of("concurrency", "1", "attempt-timeout", "30s", "settle-timeout", "100ms"));
        List<String> ids = List.of("B-1", "B-2", "B-3");
        OrderHandler hangs = order -> Uni.createFrom().nothing();
        try (TestOrders stopped = new TestOrders(one, broker, hangs, "batch-processor")) {
            ids.forEach(id -> TestOrders.get(stopped.intake.submit(TestOrders.order(id))));
            awaitDelivered(stopped, ids.size());
            await().atMost(Timeouts.LIMIT).until(() -> stopped.workers.inFlight() == 1);

            stopped.workers.stop();

            processedBySomebodyElse(ids.subList(1, 3));
        }
    }

    private static void awaitDelivered(TestOrders orders, long count) {
        await().atMost(Timeouts.LIMIT)
                .until(() -> orders.manage(it -> it.getConsumerInfo("ORDERS", "order-batch-processor"))
                                .getNumAckPending()
                        == count);
    }

    private void processedBySomebodyElse(List<String> ids) {
        try (TestOrders others = new TestOrders(with(Map.of()), broker, TestOrders.done(), "batch-processor")) {
            await().atMost(Timeouts.LIMIT).until(() -> others.processing.settled(OrderStatus.PROCESSED) == ids.size());
            ids.forEach(id -> others.awaitStatus(id, OrderStatus.PROCESSED));
        }
    }

    private static Map<String, String> with(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(NO_ACK_WAIT);
        all.putAll(settings);
        return all;
    }

    @Test
    void processesAPartialBatchAfterTheWait() {
        Duration wait = Duration.ofSeconds(2);
        Map<String, String> waiting = with(Map.of("batch-wait", wait.toMillis() + "ms"));
        try (TestOrders orders = new TestOrders(waiting, broker, TestOrders.done(), "batch-processor")) {
            long before = System.nanoTime();
            TestOrders.get(orders.intake.submit(TestOrders.order("B-1")));

            assertThat(orders.awaitStatus("B-1", OrderStatus.PROCESSED).deliveries())
                    .isEqualTo(1);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(wait);
        }
    }
}
