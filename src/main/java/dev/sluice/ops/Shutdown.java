package dev.sluice.ops;

import dev.sluice.events.TailService;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.RespondConfig;
import dev.sluice.nats.Responders;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.pull.PullSubscriptions;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Stops the service in an order that loses nothing. First, readiness turns false, and requests are served as
 * before until load balancers have noticed. Then tails and connections are asked to reconnect elsewhere, open
 * requests receive their responses, requests over NATS their replies, and publishes their receipts. Only then are
 * the connections to NATS drained and closed. Runs before Quarkus closes the HTTP server, which would interrupt
 * open requests.
 */
@Singleton
final class Shutdown {
    private static final Logger LOG = Logger.getLogger(Shutdown.class);
    private static final Duration MARGIN = Duration.ofSeconds(1);
    private static final Duration LEAVING = PullSubscriptions.LONGEST_LEAVING.plus(MARGIN);

    private final ShutdownConfig config;
    private final ClientConnections connections;
    private final TailService tails;
    private final PullSubscriptions pulls;
    private final StoredPublisher publisher;
    private final Responders responders;
    private final RespondConfig respond;
    private final NatsLinks links;

    @Inject
    Shutdown(
            ShutdownConfig config,
            ClientConnections connections,
            TailService tails,
            PullSubscriptions pulls,
            StoredPublisher publisher,
            Responders responders,
            RespondConfig respond,
            NatsLinks links) {
        this.config = config;
        this.connections = connections;
        this.tails = tails;
        this.pulls = pulls;
        this.publisher = publisher;
        this.responders = responders;
        this.respond = respond;
        this.links = links;
    }

    /**
     * Called after Quarkus has turned readiness false. Runs before the wait for workers, which gives load balancers
     * more time.
     */
    void announce(@Observes @Priority(0) ShutdownDelayInitiatedEvent event) {
        LOG.infof(
                "Stopping: no longer ready, %d connections and %d tails will be closed in %s",
                connections.count(), tails.count(), config.unready());
        connections.leave();
    }

    /** Closes tails and client connections. Intentionally blocks the thread that stops the service. */
    void leave(@Observes ShutdownDelayInitiatedEvent event) {
        Uni<Void> noticed = Uni.createFrom().voidItem().onItem().delayIt().by(config.unready());
        await("load balancers", noticed, config.unready());
        connections.sendAway();
        await("tails", tails.close(config.tails()), config.tails());
        if (!await("requests", connections.gone(config.requests()), config.requests())) {
            pulls.endFetches();
            await("fetches", connections.gone(LEAVING), LEAVING);
        }
        drain();
    }

    /**
     * Runs after {@link #leave}. In development it runs without {@link #leave}, because a reload must leave nothing
     * running.
     */
    void close(@Observes ShutdownEvent event) {
        drain();
        links.close();
    }

    private void drain() {
        await("replies", responders.drain(), respond.timeout());
        await("tails", tails.close(config.tails()), config.tails());
        await("publishes", publisher.quiesce(config.publishes()), config.publishes());
    }

    /** Returns whether {@code ended} completed in time. */
    private static boolean await(String what, Uni<Void> ended, Duration limit) {
        try {
            ended.await().atMost(limit.plus(MARGIN));
            return true;
        } catch (SluiceException | TimeoutException late) {
            LOG.warnf("Stopping without waiting longer for the %s: %s", what, late.getMessage());
            return false;
        }
    }
}
