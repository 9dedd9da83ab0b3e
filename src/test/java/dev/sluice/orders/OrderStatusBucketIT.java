package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.KeyValueConfiguration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bucket of the order states, created by an operator with other settings. */
class OrderStatusBucketIT {
    private static final String BUCKET = "ORDER_STATUS";
    private static final long LIMIT = 1 << 20;

    private final NatsServer server = NatsServer.started();
    private boolean refusesReplicas;

    @BeforeEach
    void createBucket() throws Exception {
        try (Connection operator = Nats.connect(server.url())) {
            refusesReplicas = operator.getServerInfo().isSameOrNewerThanVersion("2.15.0");
            operator.keyValueManagement()
                    .create(KeyValueConfiguration.builder(BUCKET)
                            .maxBucketSize(LIMIT)
                            .build());
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Older servers permit any number of replicas on a single server. */
    @Test
    void processesOrdersWithABucketThatTheServerRefusesToReplicate() {
        try (TestOrders orders =
                new TestOrders(Map.of("status.replicas", "3"), server, TestOrders.done(), "processor")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));

            orders.awaitStatus("A-17", OrderStatus.PROCESSED);
            assumeTrue(refusesReplicas);
            assertThat(orders.buckets.problems()).containsOnlyKeys("bucket " + BUCKET);
        }
    }

    @Test
    void keepsTheLimitOfTheOperator() {
        try (TestOrders orders = new TestOrders(server, TestOrders.done())) {
            assertThat(orders.buckets.problems()).isEmpty();
            assertThat((long) orders.manage(it ->
                            it.getStreamInfo("KV_" + BUCKET).getConfiguration().getMaxBytes()))
                    .isEqualTo(LIMIT);
        }
    }
}
