package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** Declares the consumer {@code unread} of {@code orders.unread}, from which nobody fetches. */
public final class UnreadConsumerResource implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        return Map.of("sluice.topology.streams.ORDERS.consumers.unread.filter-subjects", "orders.unread");
    }

    @Override
    public void stop() {}
}
