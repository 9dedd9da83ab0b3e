package dev.sluice.nats;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * The two connections of a service. One publishes, requests and takes the acknowledgements; the other consumes, so that
 * a burst of messages never stands before an acknowledgement in the same socket.
 */
@Singleton
public final class NatsLinks implements AutoCloseable {
    private final NatsConfig config;
    private final ConnectionEvents events = new ConnectionEvents();
    private final NatsLink publishing;
    private final NatsLink consuming;

    @Inject
    public NatsLinks(NatsConfig config) {
        this.config = config;
        List<String> servers = config.servers()
                .filter(urls -> !urls.isEmpty())
                .orElseThrow(
                        () -> new ConfigurationException(
                                "No NATS server is configured: set sluice.nats.servers (SLUICE_NATS_SERVERS=nats://host:4222)"));
        LinkOptions options = LinkOptions.of(config, servers);
        publishing = NatsLink.open("publish", options, events);
        consuming = NatsLink.open("consume", options, events);
    }

    /** Makes the links eager: what is wrong with their configuration ends the start. */
    void start(@Observes @Priority(1) StartupEvent event) {}

    /** The link to publish, to request and to be answered on. */
    public NatsLink publishing() {
        return publishing;
    }

    /** The link to subscribe and pull on. */
    public NatsLink consuming() {
        return consuming;
    }

    /** What has happened to both links so far. */
    public ConnectionEvents events() {
        return events;
    }

    /**
     * Closes both links, the consuming one first, so that what its last messages lead to can still be published. Blocks
     * for about {@code sluice.nats.drain-timeout} at most for each; does nothing for a link that was drained before.
     */
    @Override
    @PreDestroy
    public void close() {
        consuming.drain(config.drainTimeout()).toCompletableFuture().join();
        publishing.drain(config.drainTimeout()).toCompletableFuture().join();
    }
}
