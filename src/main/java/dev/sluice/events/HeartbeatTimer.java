package dev.sluice.events;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Checks all tails of one event loop once a second, with one timer. The tails are checked in slices, so that other
 * tasks can run in between even if all heartbeats are due at once. Without tails there is no timer. Confined to the event
 * loop, except where noted.
 */
final class HeartbeatTimer {
    private static final Logger LOG = Logger.getLogger(HeartbeatTimer.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int SLICE = 64;

    private final EventLoop loop;
    private final long heartbeatNanos;
    private final MemberList<SseConnection> connections = new MemberList<>();
    private @Nullable ScheduledFuture<?> ticking;
    private boolean checking;

    HeartbeatTimer(EventLoop loop, EventsConfig config) {
        this.loop = loop;
        this.heartbeatNanos = config.heartbeat().toNanos();
    }

    void add(SseConnection connection) {
        connections.add(connection);
        if (ticking == null) {
            ticking = loop.scheduleAtFixedRate(this::tick, TICK.toNanos(), TICK.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    void remove(SseConnection connection) {
        connections.remove(connection);
    }

    /** Ends all tails. Called from any thread. */
    void stop() {
        loop.execute(() -> forEach(connection -> connection.end(CloseReason.SHUTDOWN), () -> {}));
    }

    private void tick() {
        ScheduledFuture<?> now = ticking;
        if (connections.isEmpty() && now != null) {
            ticking = null;
            now.cancel(false);
        } else if (!checking) {
            checking = true;
            long time = System.nanoTime();
            forEach(connection -> connection.tick(time, heartbeatNanos), () -> checking = false);
        }
    }

    private void forEach(Consumer<SseConnection> work, Runnable onDone) {
        slice(0, connections.beginPass(), work, onDone);
    }

    private void slice(int from, int end, Consumer<SseConnection> work, Runnable onDone) {
        int to = Math.min(end, from + SLICE);
        for (int index = from; index < to; index++) {
            SseConnection connection = connections.at(index);
            if (connection != null) {
                guarded(work, connection);
            }
        }
        if (to < end) {
            loop.schedule(() -> slice(to, end, work, onDone), 0, TimeUnit.NANOSECONDS);
        } else {
            connections.endPass();
            onDone.run();
        }
    }

    /** Runs {@code work}. A tail that fails does not affect the heartbeats of the others, now or later. */
    private static void guarded(Consumer<SseConnection> work, SseConnection connection) {
        try {
            work.accept(connection);
        } catch (Throwable fault) {
            LOG.error("The periodic work of a tail failed", fault);
        }
    }
}
