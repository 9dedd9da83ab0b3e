package dev.sluice.ops;

import dev.sluice.events.Tails;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.publish.StoredPublisher;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Stops in an order that loses nothing: readiness turns false, and load balancers get a moment to see it; then the tails
 * are told to go elsewhere, publishes that are under way get their receipts, and only then the connections are drained
 * and closed. Runs before Quarkus closes the HTTP server, which would cut the tails off without a word.
 */
@Singleton
final class Shutdown {
    private static final Logger LOG = Logger.getLogger(Shutdown.class);
    private static final Duration MARGIN = Duration.ofSeconds(1);

    private final ShutdownConfig config;
    private final Tails tails;
    private final StoredPublisher publisher;
    private final NatsLinks links;

    @Inject
    Shutdown(ShutdownConfig config, Tails tails, StoredPublisher publisher, NatsLinks links) {
        this.config = config;
        this.tails = tails;
        this.publisher = publisher;
        this.links = links;
    }

    /** Quarkus has turned readiness false. Blocks the thread that stops the service, on purpose. */
    void leave(@Observes ShutdownDelayInitiatedEvent event) {
        LOG.infof("Stopping: not ready any more, %d event streams to close in %s", tails.count(), config.unready());
        Uni<Void> noticed = Uni.createFrom().voidItem().onItem().delayIt().by(config.unready());
        await("load balancers", noticed, config.unready());
        drain();
    }

    /** Follows {@link #leave}; in development, where a reload leaves nothing running, it comes alone. */
    void close(@Observes ShutdownEvent event) {
        drain();
        links.close();
    }

    private void drain() {
        await("event streams", tails.close(config.tails()), config.tails());
        await("publishes", publisher.quiesce(config.publishes()), config.publishes());
    }

    private static void await(String what, Uni<Void> ended, Duration limit) {
        try {
            ended.await().atMost(limit.plus(MARGIN));
        } catch (SluiceException late) {
            LOG.warnf("Stopping without waiting longer for the %s: %s", what, late.getMessage());
        }
    }
}
