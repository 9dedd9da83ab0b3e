package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stopped worker settles its orders in progress within a timeout. A worker continues after its server restarts. */
class OrderStopIT {
    private static final Duration A_WHILE = Duration.ofMillis(300);

    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private final OrderHandler waiting = order -> Uni.createFrom().completionStage(outcome);
    private NatsServer server;

    @BeforeEach
    void startServer() {
        server = NatsServer.started();
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"processor", "batch-processor"})
    void aStopWaitsUntilOrdersInProgressAreSettled(String worker) throws Exception {
        Map<String, String> patient = Map.of("attempt-timeout", "30s", "settle-timeout", "30s");
        try (TestOrders orders = new TestOrders(patient, server, waiting, worker)) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));
            await().atMost(Timeouts.LIMIT).until(() -> orders.workers.inFlight() == 1);

            CompletableFuture<Void> stop = CompletableFuture.runAsync(orders.workers::stop);
            await().during(A_WHILE).atMost(Timeouts.LIMIT).until(() -> !stop.isDone());
            outcome.complete(new Outcome.Done(false));

            stop.get(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(orders.processing.settled(OrderStatus.PROCESSED)).isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"processor", "batch-processor"})
    void aStopWaitsAtMostForTheSettleTimeout(String worker) throws Exception {
        Map<String, String> impatient = Map.of("attempt-timeout", "30s", "settle-timeout", "100ms");
        try (TestOrders orders = new TestOrders(impatient, server, waiting, worker)) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));
            await().atMost(Timeouts.LIMIT).until(() -> orders.workers.inFlight() == 1);

            CompletableFuture.runAsync(orders.workers::stop).get(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS);

            assertThat(orders.workers.inFlight()).isOne();
        }
    }

    @Test
    void aStopReturnsAHeldOrderToTheStream() throws Exception {
        OrderHandler away = order -> Uni.createFrom().failure(Failure.UNAVAILABLE.because("away"));
        Map<String, String> patient = Map.of("settle-timeout", "30s");
        try (TestOrders orders = new TestOrders(patient, server, away, "processor")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));
            await().atMost(Timeouts.LIMIT).until(() -> orders.processing.held() > 0);

            orders.workers.stop();

            assertThat(orders.workers.inFlight()).isZero();
            assertThat(orders.processing.retried()).isOne();
        }
    }

    @Test
    void continuesAfterTheServerWasKilled() {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "processor")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-1")));
            orders.awaitStatus("A-1", OrderStatus.PROCESSED);

            server.kill();
            server.start();
            await().atMost(Timeouts.LIMIT).until(orders.publisher::reachable);
            TestOrders.get(orders.intake.submit(TestOrders.order("A-2")));

            orders.awaitStatus("A-2", OrderStatus.PROCESSED);
        }
    }
}
