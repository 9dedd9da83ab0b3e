package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/**
 * Configures the application under test to keep its connection to a frozen server, with short JetStream API timeouts.
 */
public final class SilentServerResource implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        return Map.of(
                "sluice.nats.ping-interval", "120s",
                "sluice.topology.timeout", "500ms",
                "sluice.pull.api-timeout", "500ms",
                "sluice.bucket.timeout", "500ms");
    }

    @Override
    public void stop() {}
}
