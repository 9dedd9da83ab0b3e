package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** The application under test, which soon cuts off who does not read: a bulk publisher, and a tail at its end. */
public final class BriefResource implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        return Map.of(
                "sluice.http.line-timeout", "1s", "sluice.events.lifetime", "2s", "sluice.events.close-timeout", "1s");
    }

    @Override
    public void stop() {}
}
