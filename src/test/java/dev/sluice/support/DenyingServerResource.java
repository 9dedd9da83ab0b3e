package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** A real nats-server on which the application under test may publish to everything except {@code denied.>}. */
public final class DenyingServerResource implements QuarkusTestResourceLifecycleManager {
    public static final String USER = "other";
    public static final String PASSWORD = "secret";

    private NatsServer server;

    @Override
    public Map<String, String> start() {
        server = NatsServer.started("""
                authorization {
                  users = [
                    { user: sluice, password: %1$s, permissions: { publish: { deny: "denied.>" } } }
                    { user: %2$s, password: %1$s }
                  ]
                }
                """.formatted(PASSWORD, USER));
        return Map.of(
                "sluice.nats.servers", server.url(), "sluice.nats.user", "sluice", "sluice.nats.password", PASSWORD);
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(server, new TestInjector.MatchesType(NatsServer.class));
    }

    @Override
    public void stop() {
        server.close();
    }
}
