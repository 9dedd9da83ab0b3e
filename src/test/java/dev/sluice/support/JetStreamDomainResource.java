package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/**
 * Runs the application under test at a leaf node, with its streams in the JetStream domain of the hub. The leaf has its
 * own JetStream, which the application must not use. The hub is injected into the test.
 */
public final class JetStreamDomainResource implements QuarkusTestResourceLifecycleManager {
    private NatsServer hub;
    private NatsServer leaf;

    @Override
    public Map<String, String> start() {
        int port = FreePorts.next();
        hub = NatsServer.started("""
                server_name: hub
                jetstream { domain: hub }
                leafnodes { listen: "127.0.0.1:%d" }
                """.formatted(port));
        leaf = NatsServer.started("""
                server_name: leaf
                jetstream { domain: leaf }
                leafnodes { reconnect: 1, remotes: [ { url: "nats-leaf://127.0.0.1:%d" } ] }
                """.formatted(port));
        return Map.of(
                "sluice.nats.servers", leaf.url(),
                "sluice.pull.api-prefix", "$JS.hub.API",
                "sluice.publish.deadline", "1s",
                "sluice.topology.retry", "500ms",
                "sluice.topology.streams.WORK.subjects", "work.>");
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(
                hub, new TestInjector.AnnotatedAndMatchesType(NatsServerResource.Server.class, NatsServer.class));
    }

    @Override
    public void stop() {
        leaf.close();
        hub.close();
    }
}
