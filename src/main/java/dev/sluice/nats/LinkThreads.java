package dev.sluice.nats;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * The daemon threads of one link: a single one for its events, kept in order, and one for each piece of work that
 * blocks. The event thread ends by itself when idle and comes back when needed, so nobody has to stop it.
 */
final class LinkThreads {
    private static final Logger LOG = Logger.getLogger(LinkThreads.class);

    private final String link;
    private final ScheduledThreadPoolExecutor events;

    LinkThreads(String link) {
        this.link = link;
        events = new ScheduledThreadPoolExecutor(1, named("events"));
        events.setKeepAliveTime(1, TimeUnit.SECONDS);
        events.allowCoreThreadTimeOut(true);
    }

    /** For jnats to make its callbacks on. */
    ScheduledThreadPoolExecutor events() {
        return events;
    }

    /** Runs {@code task} on the event thread, after everything that was given to it before. */
    void run(Runnable task) {
        events.execute(logged(task));
    }

    /** Runs {@code task} on the event thread, not before {@code delay}. */
    void later(Duration delay, Runnable task) {
        ScheduledFuture<?> unused = events.schedule(logged(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs {@code task} on the event thread, again and again with {@code pause} between, for as long as it says true. */
    void repeat(Duration pause, BooleanSupplier task) {
        later(pause, () -> {
            if (task.getAsBoolean()) {
                repeat(pause, task);
            }
        });
    }

    /** Runs {@code work}, which may block, in a thread of its own. */
    void start(String role, Work work) {
        named(role)
                .newThread(() -> {
                    try {
                        work.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (Throwable e) {
                        LOG.errorf(e, "NATS link %s: %s failed", link, role);
                    }
                })
                .start();
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

    /** Something that waits for the network. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }
}
