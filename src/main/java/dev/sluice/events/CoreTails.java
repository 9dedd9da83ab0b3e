package dev.sluice.events;

import dev.sluice.nats.CoreSubscriptions;
import io.netty.channel.EventLoop;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;

/** Tails of core NATS: live, and with what a client is too slow for dropped. On the event loop of each. */
final class CoreTails {
    private final Entrance entrance;
    private final CoreFeeds feeds;
    private final Duration closeTimeout;
    private final LongAdder dropped = new LongAdder();

    CoreTails(Entrance entrance, CoreSubscriptions subscriptions, EventsConfig config, FilterWorkers workers) {
        this.entrance = entrance;
        this.feeds = new CoreFeeds(subscriptions, config, workers);
        this.closeTimeout = config.closeTimeout();
    }

    void open(TailRequest request, HttpServerResponse response, Instant until, EventLoop loop) {
        goOn(request, entrance.begin(request.subjects().toString(), response, until, "core"), loop);
    }

    /** Shows {@code request} on a tail that has begun. */
    void goOn(TailRequest request, Tail tail, EventLoop loop) {
        if (request.start().isPresent()) {
            tail.write(ControlEvents.RECREATED);
        }
        CoreFeeds.Watch watch = feeds.watch(request.subjects(), request.queueGroup());
        Receiver receiver = new LossyReceiver(tail, closeTimeout, dropped);
        tail.serve(receiver);
        watch.audience().join(receiver, request.view(), loop, () -> 0);
        entrance.keep(tail, loop, () -> {
            watch.audience().leave(receiver, request.view(), loop);
            watch.release().run();
        });
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
