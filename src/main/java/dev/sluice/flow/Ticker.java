package dev.sluice.flow;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Runs tasks periodically on one thread, which sleeps while there are none: an idle service wakes no thread. Tasks must
 * not block. Thread-safe.
 */
public final class Ticker implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Ticker.class);

    private final long periodNanos;
    private final Set<Task> tasks = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean ticking = new AtomicBoolean();
    private final ScheduledExecutorService clock;

    /**
     * @param period time between the end of one tick and the next tick
     * @param thread name of the daemon thread
     */
    public Ticker(Duration period, String thread) {
        this(period, Executors.newSingleThreadScheduledExecutor(work -> thread(work, thread)));
    }

    /** @param clock the executor of the tasks, with one thread; {@link #close} shuts it down */
    public Ticker(Duration period, ScheduledExecutorService clock) {
        this.periodNanos = period.toNanos();
        this.clock = clock;
    }

    /** Returns a task that runs {@code work} on every tick between its start and its stop. */
    public Task task(Runnable work) {
        return new Task(work);
    }

    /** Runs {@code work} on every tick until the returned handle is run. */
    public Runnable onTick(Runnable work) {
        Task task = task(work);
        task.start();
        return task::stop;
    }

    /** A task that can be started and stopped any number of times. */
    public final class Task {
        private final Runnable work;
        private volatile boolean started;

        private Task(Runnable work) {
            this.work = work;
        }

        /** Costs nothing if the task is started already. */
        public void start() {
            if (!started) {
                started = true;
                tasks.add(this);
                wake();
            }
        }

        /**
         * A concurrent {@link #start} may have no effect. A caller that stops a task for lack of work looks for work
         * again afterwards.
         */
        public void stop() {
            tasks.remove(this);
            started = false;
        }
    }

    private void wake() {
        if (ticking.compareAndSet(false, true)) {
            schedule();
        }
    }

    private void schedule() {
        try {
            clock.schedule(this::tick, periodNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            tasks.clear();
        }
    }

    private void tick() {
        for (Task task : tasks) {
            try {
                task.work.run();
            } catch (Throwable e) {
                LOG.error("A periodic task failed; it runs again at the next tick", e);
            }
        }
        if (!tasks.isEmpty()) {
            schedule();
            return;
        }
        ticking.set(false);
        if (!tasks.isEmpty()) {
            wake();
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }

    private static Thread thread(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }
}
