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
 * A real nats-server for the application under test, with low limits. {@link Server} injects the server into the test.
 * All tests that name this resource share one application.
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

    /** Removes all meters: Micrometer's registry outlives an application and would show its values in the next one. */
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

    /** Marks the field into which the server is injected. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.FIELD)
    public @interface Server {}
}
