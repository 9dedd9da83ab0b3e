package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** Configures a sweep of object stores that removes chunks which are some seconds old. */
public final class SweepingResource implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        return Map.of("sluice.object.sweep.age", "4s", "sluice.object.sweep.interval", "1s");
    }

    @Override
    public void stop() {}
}
