package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.Broker;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Broker.class)
class OrderBatchProcessorIT {
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

            await().atMost(TestOrders.PATIENCE)
                    .until(() -> orders.processing.settled(OrderStatus.PROCESSED) == ids.size());
            assertThat(orders.processing.retried()).isZero();
        }
    }

    @Test
    void processesAPartialBatchAfterTheWait() {
        try (TestOrders orders = new TestOrders(broker, TestOrders.done(), "batch-processor")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("B-1")));

            assertThat(orders.awaitStatus("B-1", OrderStatus.PROCESSED).deliveries())
                    .isEqualTo(1);
        }
    }
}
