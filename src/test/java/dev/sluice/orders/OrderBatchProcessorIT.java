package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OrderBatchProcessorIT {
    private NatsServer server;

    @BeforeEach
    void startServer() {
        server = NatsServer.started();
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void processesFullBatchesAndTheRest() {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "batch-processor")) {
            List<String> ids = IntStream.range(0, 120).mapToObj(i -> "B-" + i).toList();

            ids.forEach(id -> TestOrders.get(orders.intake.submit(TestOrders.order(id))));

            await().atMost(TestOrders.PATIENCE)
                    .until(() -> orders.processing.settled(OrderStatus.PROCESSED) == ids.size());
            assertThat(orders.processing.retried()).isZero();
        }
    }

    @Test
    void takesWhatCameWithinTheWait() {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "batch-processor")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("B-1")));

            assertThat(orders.awaitStatus("B-1", OrderStatus.PROCESSED).deliveries())
                    .isEqualTo(1);
        }
    }
}
