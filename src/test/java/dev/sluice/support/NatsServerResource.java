package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Map;

/** A real nats-server for the application under test; the test gets hold of it through {@link Server}. */
public final class NatsServerResource implements QuarkusTestResourceLifecycleManager {
    private NatsServer server;

    @Override
    public Map<String, String> start() {
        server = NatsServer.started();
        return Map.of("sluice.nats.servers", server.url(), "sluice.nats.reconnect-wait", "50ms");
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
