package dev.sluice.stream.pull;

import io.smallrye.mutiny.helpers.queues.Queues;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A queue that passes deliveries and tasks from many threads to one session, serially and in batches. Adding to an empty
 * mailbox schedules one run on the executor. So a session's state has one mutator at a time, and no thread of the
 * connection ever runs a subscriber's code.
 *
 * <p>The queue itself has no bound: it holds the messages of open pulls, which the pull budget limits.
 */
final class Mailbox implements Executor, Runnable {
    private static final int BATCH_SIZE = 256;

    /** Processes the contents. Never called concurrently. */
    interface Session {
        void arrived(Delivery delivery);

        /** Called after each batch and after each {@link Mailbox#wake}. */
        void batchProcessed();

        /** Called when the executor rejects a run. From then on the thread that adds an entry processes it. */
        void shutDown();
    }

    private final Executor executor;
    private final Session session;
    private final Queue<Object> contents = Queues.createMpscQueue();
    private final AtomicInteger work = new AtomicInteger();

    Mailbox(Executor executor, Session session) {
        this.executor = executor;
        this.session = session;
    }

    /** Adds {@code delivery}. Any thread; never blocks. */
    void offer(Delivery delivery) {
        contents.offer(delivery);
        wake();
    }

    /** Runs {@code task} after the earlier entries. Any thread; never blocks. */
    @Override
    public void execute(Runnable task) {
        contents.offer(task);
        wake();
    }

    /**
     * Schedules a call of {@link Session#batchProcessed}, where the session checks for changes. Any thread; never blocks.
     */
    void wake() {
        if (work.getAndIncrement() == 0) {
            resume();
        }
    }

    private void resume() {
        try {
            executor.execute(this);
        } catch (RejectedExecutionException gone) {
            session.shutDown();
            run();
        }
    }

    /** Processes one batch. If there may be more entries, schedules another run, so that other tasks of the executor run too. */
    @Override
    public void run() {
        int seen = work.get();
        while (seen != 0) {
            boolean more = processBatch();
            guarded(session::batchProcessed);
            if (more) {
                resume();
                return;
            }
            seen = work.addAndGet(-seen);
        }
    }

    /** Returns whether there may be more entries. */
    private boolean processBatch() {
        for (int i = 0; i < BATCH_SIZE; i++) {
            Object next = contents.poll();
            if (next == null) {
                return false;
            } else if (next instanceof Delivery delivery) {
                guarded(() -> session.arrived(delivery));
            } else if (next instanceof Runnable task) {
                guarded(task);
            }
        }
        return true;
    }

    /**
     * Runs {@code work} and swallows any {@code Throwable}: if the loop ended without updating its count, the session
     * would never run again.
     */
    private static void guarded(Runnable work) {
        try {
            work.run();
        } catch (Throwable fault) {
            Infrastructure.handleDroppedException(fault);
        }
    }
}
