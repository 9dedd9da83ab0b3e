package dev.sluice.events;

import dev.sluice.nats.CoreSubscriptions;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * Tails of core NATS. They are live only, and messages that a client is too slow for are dropped. Each tail is confined
 * to its event loop.
 */
final class CoreTails {
    /** Maximum wait for NATS to confirm or deny a subscription; after it the client is answered in any case. */
    private static final Duration CONFIRMATION_TIMEOUT = Duration.ofSeconds(2);

    private final SseConnectionFactory connections;
    private final CoreFeeds feeds;
    private final LongAdder dropped = new LongAdder();

    CoreTails(
            SseConnectionFactory connections,
            CoreSubscriptions subscriptions,
            EventsConfig config,
            FilterWorkers workers) {
        this.connections = connections;
        this.feeds = new CoreFeeds(subscriptions, config, workers);
    }

    /**
     * Answers the client when NATS has confirmed the subscription, or is known to be unreachable. Fails, before anything
     * is written, if NATS denies the subscription.
     */
    Uni<Void> open(TailRequest request, Admission client) {
        SharedFeeds.Lease<CoreFeed> lease = feeds.lease(request.subjects(), request.queueGroup());
        return Uni.createFrom()
                .completionStage(lease.feed().hub().begun())
                .ifNoItem()
                .after(CONFIRMATION_TIMEOUT)
                .recoverWithUni(Uni.createFrom().voidItem())
                .emitOn(client.executor())
                .invoke(begun -> open(request, lease, client))
                .onFailure()
                .invoke(lease.release());
    }

    private void open(TailRequest request, SharedFeeds.Lease<CoreFeed> lease, Admission client) {
        SseConnection connection = connections.open(request.description(), client, "core");
        // A client that has left must not take messages that wait for the first subscriber.
        Runnable cleanup = connection.open() ? serve(request, lease, connection) : lease.release();
        connections.keep(connection, client, cleanup);
    }

    /** Serves {@code request} on a connection that is already kept; returns what to run when it is closed. */
    Runnable serve(TailRequest request, SseConnection connection) {
        return serve(request, feeds.lease(request.subjects(), request.queueGroup()), connection);
    }

    private Runnable serve(TailRequest request, SharedFeeds.Lease<CoreFeed> lease, SseConnection connection) {
        if (request.start().isPresent()) {
            connection.write(ControlEvents.RECREATED);
        }
        FeedSubscriber subscriber = new LossySubscriber(connection, dropped);
        connection.serve(subscriber);
        CoreFeed feed = lease.feed();
        feed.hub().join(subscriber, request.projection(), connection.loop(), () -> 0);
        feed.request();
        return () -> {
            feed.hub().leave(subscriber, request.projection(), connection.loop());
            lease.release().run();
        };
    }

    /** Returns the number of distinct sets of subjects that are subscribed to. */
    int subscriptions() {
        return feeds.open();
    }

    /** Returns the number of dropped messages, summed over the clients. */
    long dropped() {
        return dropped.sum();
    }
}
