package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** Configures a short timeout for idle connections. */
public final class ShortIdleTimeoutResource implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        return Map.of("quarkus.http.idle-timeout", "2s");
    }

    @Override
    public void stop() {}
}
