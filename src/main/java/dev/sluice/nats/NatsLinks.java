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
 * The two NATS connections of a service. One carries publishes, requests and acks, including the replies. The other
 * consumes, so that a burst of messages never delays an ack on the same socket.
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

    /** Creates the links eagerly, so that an invalid configuration fails the startup. */
    void start(@Observes @Priority(1) StartupEvent event) {}

    /** Returns the link for publishes, requests and their replies. */
    public NatsLink publishing() {
        return publishing;
    }

    /** Returns the link for subscriptions and pulls. */
    public NatsLink consuming() {
        return consuming;
    }

    /** Returns the event counters of both links. */
    public ConnectionEvents events() {
        return events;
    }

    /**
     * Closes both links, then an embedded server. The consuming link is closed first, so that the handlers of its last
     * messages can still publish. Blocks for at most about {@code sluice.nats.drain-timeout} per link. Does nothing for
     * a link that is already drained.
     */
    @Override
    @PreDestroy
    public void close() {
        consuming.drain(config.drainTimeout()).toCompletableFuture().join();
        publishing.drain(config.drainTimeout()).toCompletableFuture().join();
        servers.close();
    }
}
