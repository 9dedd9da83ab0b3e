package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** The application under test, which waits no longer for a connection on which nothing moves than a test can. */
public final class ImpatientResource implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        return Map.of("quarkus.http.idle-timeout", "2s");
    }

    @Override
    public void stop() {}
}
