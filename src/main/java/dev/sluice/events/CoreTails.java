package dev.sluice.events;

import dev.sluice.flow.Validity;
import dev.sluice.nats.CoreSubscriptions;
import io.netty.channel.EventLoop;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.impl.ContextInternal;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * Tails of core NATS. They are live only, and messages that a client is too slow for are dropped. Each tail is confined
 * to its event loop.
 */
final class CoreTails {
    /** Maximum wait for NATS to confirm or deny a subscription; after it the client is answered in any case. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final SseConnectionFactory connectionFactory;
    private final Duration closeTimeout;
    private final CoreFeeds feeds;
    private final LongAdder dropped = new LongAdder();

    CoreTails(
            SseConnectionFactory connectionFactory,
            CoreSubscriptions subscriptions,
            EventsConfig config,
            FilterWorkers workers) {
        this.connectionFactory = connectionFactory;
        this.closeTimeout = config.closeTimeout();
        this.feeds = new CoreFeeds(subscriptions, config, workers);
    }

    /**
     * Answers an admitted client when NATS has confirmed the subscription, or is known to be unreachable. Fails, before
     * anything is written, if NATS denies the subscription.
     */
    Uni<Void> open(TailRequest request, HttpServerResponse response, Validity validity, ContextInternal context) {
        return Uni.createFrom()
                .deferred(() -> begin(request, response, validity, context))
                .onFailure()
                .invoke(connectionFactory.limiter()::left);
    }

    private Uni<Void> begin(
            TailRequest request, HttpServerResponse response, Validity validity, ContextInternal context) {
        SharedFeeds.Lease<CoreFeed> lease = feeds.watch(request.subjects(), request.queueGroup());
        return Uni.createFrom()
                .completionStage(lease.feed().hub().begun())
                .ifNoItem()
                .after(PATIENCE)
                .recoverWithUni(Uni.createFrom().voidItem())
                .emitOn(task -> context.runOnContext(x -> task.run()))
                .invoke(known -> begin(request, lease, response, validity, context.nettyEventLoop()))
                .onFailure()
                .invoke(lease.release());
    }

    private void begin(
            TailRequest request,
            SharedFeeds.Lease<CoreFeed> lease,
            HttpServerResponse response,
            Validity validity,
            EventLoop loop) {
        if (response.closed()) {
            lease.release().run();
            connectionFactory.limiter().left();
        } else {
            SseConnection connection =
                    connectionFactory.begin(request.subjects().toString(), response, validity, "core");
            connectionFactory.keep(connection, loop, show(request, lease, connection, loop));
        }
    }

    /** Serves {@code request} on a connection that is already kept; returns what to run when it is gone. */
    Runnable goOn(TailRequest request, SseConnection connection, EventLoop loop) {
        return show(request, feeds.watch(request.subjects(), request.queueGroup()), connection, loop);
    }

    private Runnable show(
            TailRequest request, SharedFeeds.Lease<CoreFeed> lease, SseConnection connection, EventLoop loop) {
        if (request.start().isPresent()) {
            connection.write(ControlEvents.RECREATED);
        }
        FeedSubscriber subscriber = new LossySubscriber(connection, closeTimeout, dropped);
        connection.serve(subscriber);
        CoreFeed feed = lease.feed();
        feed.hub().join(subscriber, request.projection(), loop, () -> 0);
        feed.flow();
        return () -> {
            feed.hub().leave(subscriber, request.projection(), loop);
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
