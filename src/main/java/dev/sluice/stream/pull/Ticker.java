package dev.sluice.stream.pull;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** A periodic timer shared by all subscriptions, on its own daemon thread. Its tasks must not block. Thread-safe. */
final class Ticker implements AutoCloseable {
    static final Duration TICK = Duration.ofMillis(250);
    private static final Logger LOG = Logger.getLogger(Ticker.class);

    private final Set<Runnable> tasks = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(Ticker::thread);
    private final ScheduledFuture<?> ticking;

    Ticker() {
        ticking = clock.scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Converts {@code duration} to ticks, rounded up; at least one. */
    static int ticks(Duration duration) {
        long ticks = (duration.toMillis() + TICK.toMillis() - 1) / TICK.toMillis();
        return (int) Math.max(1, Math.min(ticks, Integer.MAX_VALUE));
    }

    /** Runs {@code task} on every tick until the returned handle is run. */
    Runnable onTick(Runnable task) {
        tasks.add(task);
        return () -> tasks.remove(task);
    }

    private void tick() {
        for (Runnable task : tasks) {
            try {
                task.run();
            } catch (Throwable e) {
                LOG.error("A periodic task failed; it runs again at the next tick", e);
            }
        }
    }

    @Override
    public void close() {
        ticking.cancel(false);
        clock.shutdownNow();
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "sluice-pull-ticker");
        thread.setDaemon(true);
        return thread;
    }
}
