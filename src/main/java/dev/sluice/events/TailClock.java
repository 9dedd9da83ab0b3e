package dev.sluice.events;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Looks once a second at all tails of one event loop: one timer, however many there are. */
final class TailClock {
    private static final Duration TICK = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final long heartbeatNanos;
    private final Duration closeTimeout;
    private final Set<Tail> tails = new HashSet<>();
    private final ScheduledFuture<?> ticking;
    private boolean stopping;

    TailClock(EventLoop loop, EventsConfig config) {
        this.loop = loop;
        this.heartbeatNanos = config.heartbeat().toNanos();
        this.closeTimeout = config.closeTimeout();
        this.ticking = loop.scheduleAtFixedRate(this::tick, TICK.toNanos(), TICK.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** On the event loop. */
    void add(Tail tail) {
        tails.add(tail);
    }

    /** On the event loop. */
    void remove(Tail tail) {
        tails.remove(tail);
    }

    /** Ends all tails, and the ticking with the last of them; from any thread. */
    void stop() {
        loop.execute(() -> {
            stopping = true;
            List.copyOf(tails).forEach(tail -> tail.end(CloseReason.SHUTDOWN, closeTimeout));
        });
    }

    private void tick() {
        long now = System.nanoTime();
        List.copyOf(tails).forEach(tail -> tail.tick(now, heartbeatNanos, closeTimeout));
        if (stopping && tails.isEmpty()) {
            ticking.cancel(false);
        }
    }
}
