package dev.sluice.nats;

import dev.sluice.embedded.EmbeddedConfig;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * The two connections of a service. One publishes, requests and takes the acknowledgements; the other consumes, so that
 * a burst of messages never stands before an acknowledgement in the same socket.
 */
@Singleton
public final class NatsLinks implements AutoCloseable {
    private final NatsConfig config;
    private final ServerSource servers;
    private final ConnectionEvents events = new ConnectionEvents();
    private final NatsLink publishing;
    private final NatsLink consuming;

    @Inject
    public NatsLinks(NatsConfig config, EmbeddedConfig embedded) {
        this(config, ServerSource.of(config, embedded, LaunchMode.current()));
    }

    NatsLinks(NatsConfig config, ServerSource servers) {
        this.config = config;
        this.servers = servers;
        LinkOptions options = options(config, servers);
        publishing = NatsLink.open("publish", options, events);
        consuming = NatsLink.open("consume", options, events);
    }

    private static LinkOptions options(NatsConfig config, ServerSource servers) {
        try {
            return LinkOptions.of(config, servers.urls());
        } catch (ConfigurationException e) {
            servers.close();
            throw e;
        }
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
     * An embedded server ends with them.
     */
    @Override
    @PreDestroy
    public void close() {
        consuming.drain(config.drainTimeout()).toCompletableFuture().join();
        publishing.drain(config.drainTimeout()).toCompletableFuture().join();
        servers.close();
    }
}
