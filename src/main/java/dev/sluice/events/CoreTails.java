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

    private final Entrance entrance;
    private final Duration closeTimeout;
    private final CoreFeeds feeds;
    private final LongAdder dropped = new LongAdder();

    CoreTails(Entrance entrance, CoreSubscriptions subscriptions, EventsConfig config, FilterWorkers workers) {
        this.entrance = entrance;
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
                .invoke(entrance.attendance()::left);
    }

    private Uni<Void> begin(TailRequest request, HttpServerResponse response, Instant until, ContextInternal context) {
        CoreFeeds.Watch watch = feeds.watch(request.subjects(), request.queueGroup());
        return Uni.createFrom()
                .completionStage(watch.audience().begun())
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
            entrance.attendance().left();
        } else {
            show(request, watch, entrance.begin(request.subjects().toString(), response, until, "core"), loop);
        }
    }

    /** Shows {@code request} on a tail that has begun. */
    void goOn(TailRequest request, Tail tail, EventLoop loop) {
        show(request, feeds.watch(request.subjects(), request.queueGroup()), tail, loop);
    }

    private void show(TailRequest request, CoreFeeds.Watch watch, Tail tail, EventLoop loop) {
        if (request.start().isPresent()) {
            tail.write(ControlEvents.RECREATED);
        }
        Receiver receiver = new LossyReceiver(tail, closeTimeout, dropped);
        tail.serve(receiver);
        entrance.keep(tail, loop, () -> {
            watch.audience().leave(receiver, request.view(), loop);
            watch.release().run();
        });
        watch.audience().join(receiver, request.view(), loop, () -> 0);
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
