package dev.sluice.ops;

import dev.sluice.events.TailService;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.Requester;
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
import java.util.function.Function;
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
    /** Mutiny has no timeout of zero. */
    private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);

    private static final Duration MARGIN = Duration.ofSeconds(1);
    private static final Duration LEAVING = PullSubscriptions.MAX_LEAVING_TIME.plus(MARGIN);

    private final ShutdownConfig config;
    private final ClientConnections connections;
    private final TailService tails;
    private final PullSubscriptions pulls;
    private final Requester requester;
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
            Requester requester,
            StoredPublisher publisher,
            Responders responders,
            RespondConfig respond,
            NatsLinks links) {
        this.config = config;
        this.connections = connections;
        this.tails = tails;
        this.pulls = pulls;
        this.requester = requester;
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
                "Stopping: no longer ready, %d connections and %d tails will be closed in %d ms",
                connections.count(), tails.count(), config.unready().toMillis());
        connections.leave();
    }

    /** Closes tails and client connections. Intentionally blocks the thread that stops the service. */
    void leave(@Observes ShutdownDelayInitiatedEvent event) {
        await(
                "load balancers",
                config.unready(),
                unready -> Uni.createFrom().voidItem().onItem().delayIt().by(unready));
        connections.sendAway();
        await("tails", config.tails(), tails::close);
        if (!await("requests", config.requests(), connections::gone)) {
            pulls.endFetches();
            requester.endRequests();
            await("fetches and replies", LEAVING, connections::gone);
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
        await("replies", respond.timeout(), limit -> responders.drain());
        await("tails", config.tails(), tails::close);
        await("publishes", config.publishes(), publisher::quiesce);
    }

    /**
     * Returns whether the step completed in time. A step that fails does not prevent the next one.
     *
     * @param limit zero: the step begins, and is not waited for
     */
    private static boolean await(String what, Duration limit, Function<Duration, Uni<Void>> step) {
        Duration timeout = limit.isZero() ? MIN_TIMEOUT : limit;
        try {
            step.apply(timeout).await().atMost(timeout.plus(MARGIN));
            return true;
        } catch (SluiceException | TimeoutException late) {
            LOG.warnf("Stopping without waiting longer for the %s: %s", what, late.getMessage());
            return false;
        } catch (RuntimeException broken) {
            LOG.errorf(broken, "Stopping without waiting for the %s", what);
            return false;
        }
    }
}
