package dev.sluice.support;

import io.micrometer.core.instrument.Metrics;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.Map;

/**
 * A real nats-server for the application under test, and bounds that a test can reach. The test gets hold of the server
 * through {@link Server}; one application serves all tests that name this resource.
 */
public final class NatsServerResource implements QuarkusTestResourceLifecycleManager {
    private NatsServer server;

    @Override
    public Map<String, String> start() {
        server = NatsServer.started();
        forgetMeters();
        return Map.of(
                "sluice.nats.servers", server.url(),
                "sluice.nats.reconnect-wait", "50ms",
                "sluice.http.body-timeout", "1s",
                "sluice.http.line-timeout", "2s",
                "sluice.http.max-line-size", "1500K",
                "sluice.events.max-connections", "20");
    }

    /** Micrometer's registry outlives an application, and would show the next one the numbers of the last. */
    private static void forgetMeters() {
        List.copyOf(Metrics.globalRegistry.getMeters()).forEach(Metrics.globalRegistry::remove);
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(server, new TestInjector.AnnotatedAndMatchesType(Server.class, NatsServer.class));
    }

    @Override
    public void stop() {
        server.close();
    }

    /** Marks the field that gets the server. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.FIELD)
    public @interface Server {}
}
