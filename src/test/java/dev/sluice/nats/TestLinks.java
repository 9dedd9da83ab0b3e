package dev.sluice.nats;

import dev.sluice.support.Broker;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsServer;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Links for tests without a container. They detect outages and reconnect quickly. */
public final class TestLinks {
    private TestLinks() {}

    public static NatsLinks to(NatsServer server) {
        return to(server, Map.of());
    }

    /** @param keys keys of {@code sluice.nats}, without the prefix */
    public static NatsLinks to(NatsServer server, Map<String, String> keys) {
        return new NatsLinks(config(keys), new ServerSource(List.of(server.url()), Optional.empty()));
    }

    public static NatsLinks to(NatsCluster cluster) {
        return new NatsLinks(
                config(Map.of()), new ServerSource(List.of(cluster.urls().split(",")), Optional.empty()));
    }

    public static NatsLink linkTo(NatsServer server) {
        return link(Map.of("servers", server.url()));
    }

    /** @param keys keys of {@code sluice.nats}, without the prefix; must include {@code servers} */
    public static NatsLink link(Map<String, String> keys) {
        NatsConfig config = config(keys);
        LinkOptions options = LinkOptions.of(config, config.servers().orElseThrow());
        return NatsLink.open("test", options, new ConnectionEvents());
    }

    /**
     * Returns links through a local port, such as that of a proxy.
     *
     * @param keys keys of {@code sluice.nats}, without the prefix
     */
    public static NatsLinks through(int port, Map<String, String> keys) {
        return new NatsLinks(config(keys), new ServerSource(List.of("nats://127.0.0.1:" + port), Optional.empty()));
    }

    public static NatsLinks to(Broker broker) {
        List<String> urls = List.of(broker.urls().split(","));
        return new NatsLinks(config(Map.of()), new ServerSource(urls, Optional.empty()));
    }

    /** Returns the number of listeners of {@code link}. */
    public static int listeners(NatsLink link) {
        return link.listening().toCompletableFuture().join();
    }

    /** Returns the service's configuration, with short pauses. */
    public static NatsConfig config(Map<String, String> keys) {
        Map<String, String> properties = new HashMap<>();
        properties.put("sluice.nats.reconnect-wait", "50ms");
        properties.put("sluice.nats.reconnect-jitter", "10ms");
        properties.put("sluice.nats.refused-wait", "200ms");
        properties.put("sluice.nats.connect-timeout", "1s");
        properties.put("sluice.nats.drain-timeout", "1s");
        keys.forEach((key, value) -> properties.put("sluice.nats." + key, value));
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(NatsConfig.class)
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .build()
                .getConfigMapping(NatsConfig.class);
    }
}
