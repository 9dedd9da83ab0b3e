package dev.sluice.events;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Looks once a second at all tails of one event loop: one timer, however many there are. Looks at a slice of them at a
 * time, so that others have their turn although all heartbeats are due at once.
 */
final class HeartbeatTimer {
    private static final Logger LOG = Logger.getLogger(HeartbeatTimer.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int SLICE = 64;

    private final EventLoop loop;
    private final long heartbeatNanos;
    private final Duration closeTimeout;
    private final MemberList<SseConnection> connections = new MemberList<>();
    private final ScheduledFuture<?> ticking;
    private boolean looking;
    private boolean stopping;

    HeartbeatTimer(EventLoop loop, EventsConfig config) {
        this.loop = loop;
        this.heartbeatNanos = config.heartbeat().toNanos();
        this.closeTimeout = config.closeTimeout();
        this.ticking = loop.scheduleAtFixedRate(this::tick, TICK.toNanos(), TICK.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** On the event loop. */
    void add(SseConnection connection) {
        connections.add(connection);
    }

    /** On the event loop. */
    void remove(SseConnection connection) {
        connections.remove(connection);
    }

    /** Ends all tails, and the ticking with the last of them; from any thread. */
    void stop() {
        loop.execute(() -> {
            stopping = true;
            goThrough(connection -> connection.end(CloseReason.SHUTDOWN, closeTimeout), () -> {});
        });
    }

    private void tick() {
        if (stopping && connections.isEmpty()) {
            ticking.cancel(false);
        } else if (!looking) {
            looking = true;
            long now = System.nanoTime();
            goThrough(connection -> connection.tick(now, heartbeatNanos, closeTimeout), () -> looking = false);
        }
    }

    private void goThrough(Consumer<SseConnection> work, Runnable whenDone) {
        slice(0, connections.beginPass(), work, whenDone);
    }

    private void slice(int from, int end, Consumer<SseConnection> work, Runnable whenDone) {
        int to = Math.min(end, from + SLICE);
        for (int place = from; place < to; place++) {
            SseConnection connection = connections.at(place);
            if (connection != null) {
                guarded(work, connection);
            }
        }
        if (to < end) {
            loop.schedule(() -> slice(to, end, work, whenDone), 0, TimeUnit.NANOSECONDS);
        } else {
            connections.endPass();
            whenDone.run();
        }
    }

    /** A tail that fails keeps nobody else from its heartbeat, now or later. */
    private static void guarded(Consumer<SseConnection> work, SseConnection connection) {
        try {
            work.accept(connection);
        } catch (Throwable fault) {
            LOG.error("An event stream could not be looked after", fault);
        }
    }
}
