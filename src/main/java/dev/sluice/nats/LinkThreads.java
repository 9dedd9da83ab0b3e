package dev.sluice.nats;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * The daemon threads of one link: a single event thread, which preserves the order of events, and one thread per
 * blocking task. Pings are frequent, so a thread serves one after the other. Idle threads terminate and are started again
 * when needed, so no shutdown is required.
 */
final class LinkThreads {
    private static final Logger LOG = Logger.getLogger(LinkThreads.class);

    private final String link;
    private final ScheduledThreadPoolExecutor events;
    private final ExecutorService pings;

    LinkThreads(String link) {
        this.link = link;
        events = new ScheduledThreadPoolExecutor(1, named("events"));
        events.setRemoveOnCancelPolicy(true);
        events.setKeepAliveTime(1, TimeUnit.SECONDS);
        events.allowCoreThreadTimeOut(true);
        pings = Executors.newCachedThreadPool(named("ping"));
    }

    /** Returns the event thread as an executor for the callbacks of jnats. */
    ScheduledThreadPoolExecutor events() {
        return events;
    }

    /** Runs {@code task} on the event thread, after all tasks submitted before. */
    void run(Runnable task) {
        events.execute(logged(task));
    }

    /** Runs {@code task} on the event thread after {@code delay}. */
    void later(Duration delay, Runnable task) {
        ScheduledFuture<?> unused = events.schedule(logged(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs {@code task} on the event thread repeatedly, with {@code pause} before each run, until it returns false. */
    void repeat(Duration pause, BooleanSupplier task) {
        later(pause, () -> {
            if (task.getAsBoolean()) {
                repeat(pause, task);
            }
        });
    }

    /** Runs {@code work}, which may block, on a new thread. */
    void start(String role, Work work) {
        named(role).newThread(() -> attempt(role, work)).start();
    }

    /** Runs {@code work}, which may block, on an idle thread for pings, or on a new one. */
    void ping(Work work) {
        pings.execute(() -> attempt("ping", work));
    }

    private void attempt(String role, Work work) {
        try {
            work.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            LOG.errorf(e, "NATS link %s: %s failed", link, role);
        }
    }

    private Runnable logged(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (Throwable e) {
                LOG.errorf(e, "NATS link %s: an event was not handled", link);
            }
        };
    }

    ThreadFactory named(String role) {
        return task -> {
            Thread thread = new Thread(task, "nats-" + link + "-" + role);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** A task that blocks on the network. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }
}
