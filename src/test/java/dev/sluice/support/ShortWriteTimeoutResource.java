package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** Configures short timeouts for clients that do not read: bulk publishers, and tails at their end. */
public final class ShortWriteTimeoutResource implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        return Map.of(
                "sluice.http.line-timeout", "1s", "sluice.events.lifetime", "2s", "sluice.events.close-timeout", "1s");
    }

    @Override
    public void stop() {}
}
