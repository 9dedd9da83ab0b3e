package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** Configures a low request rate limit per caller. */
public final class LowRateLimitResource implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        return Map.of("sluice.access.limits.requests-per-second", "5");
    }

    @Override
    public void stop() {}
}
