package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/**
 * Three servers for the application under test, whose streams and buckets have three replicas. Of the workers, only the
 * batch processor and the undertaker run. The cluster is injected into the test.
 */
public final class NatsClusterResource implements QuarkusTestResourceLifecycleManager {
    private NatsCluster cluster;

    @Override
    public Map<String, String> start() {
        cluster = NatsCluster.started();
        return Map.of(
                "sluice.nats.servers", cluster.urls(),
                "sluice.nats.reconnect-wait", "50ms",
                "sluice.topology.streams.ORDERS.replicas", "3",
                "sluice.topology.streams.ORDERS.consumers.order-batch-processor.ack-wait", "5s",
                "sluice.topology.streams.DEAD_LETTERS.replicas", "3",
                "sluice.topology.streams.ORDERS_EXHAUSTED.replicas", "3",
                "sluice.orders.status.replicas", "3",
                "sluice.orders.workers.queue-group", "false",
                "sluice.orders.workers.processor", "false",
                "sluice.orders.workers.batch-processor", "true");
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(cluster, new TestInjector.MatchesType(NatsCluster.class));
    }

    @Override
    public void stop() {
        cluster.close();
    }
}
