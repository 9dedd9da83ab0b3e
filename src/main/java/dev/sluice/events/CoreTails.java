package dev.sluice.events;

import dev.sluice.nats.CoreSubscriptions;
import io.netty.channel.EventLoop;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.impl.ContextInternal;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;

/** Tails of core NATS: live, and with what a client is too slow for dropped. On the event loop of each. */
final class CoreTails {
    /** How long NATS may take to say whether it has a subscription; the client is answered then in any case. */
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
     * Answers a client that was admitted as soon as NATS has the subscription, or is known to be away. Fails, before
     * anything was written, where NATS refuses it.
     */
    Uni<Void> open(TailRequest request, HttpServerResponse response, Instant until, ContextInternal context) {
        return Uni.createFrom()
                .deferred(() -> begin(request, response, until, context))
                .onFailure()
                .invoke(connectionFactory.limiter()::left);
    }

    private Uni<Void> begin(TailRequest request, HttpServerResponse response, Instant until, ContextInternal context) {
        CoreFeeds.Watch watch = feeds.watch(request.subjects(), request.queueGroup());
        return Uni.createFrom()
                .completionStage(watch.hub().begun())
                .ifNoItem()
                .after(PATIENCE)
                .recoverWithUni(Uni.createFrom().voidItem())
                .emitOn(task -> context.runOnContext(x -> task.run()))
                .invoke(known -> begin(request, watch, response, until, context.nettyEventLoop()))
                .onFailure()
                .invoke(watch.release());
    }

    private void begin(
            TailRequest request, CoreFeeds.Watch watch, HttpServerResponse response, Instant until, EventLoop loop) {
        if (response.closed()) {
            watch.release().run();
            connectionFactory.limiter().left();
        } else {
            show(request, watch, connectionFactory.begin(request.subjects().toString(), response, until, "core"), loop);
        }
    }

    /** Shows {@code request} on a tail that has begun. */
    void goOn(TailRequest request, SseConnection connection, EventLoop loop) {
        show(request, feeds.watch(request.subjects(), request.queueGroup()), connection, loop);
    }

    private void show(TailRequest request, CoreFeeds.Watch watch, SseConnection connection, EventLoop loop) {
        if (request.start().isPresent()) {
            connection.write(ControlEvents.RECREATED);
        }
        FeedSubscriber subscriber = new LossySubscriber(connection, closeTimeout, dropped);
        connection.serve(subscriber);
        connectionFactory.keep(connection, loop, () -> {
            watch.hub().leave(subscriber, request.projection(), loop);
            watch.release().run();
        });
        watch.hub().join(subscriber, request.projection(), loop, () -> 0);
    }

    /** Distinct sets of subjects that are subscribed. */
    int subscriptions() {
        return feeds.open();
    }

    /** Messages that were dropped, summed over the clients. */
    long dropped() {
        return dropped.sum();
    }
}
