package dev.sluice.stream.pull;

import io.smallrye.mutiny.helpers.queues.Queues;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings what comes from many threads to one session, one after the other and in bursts: whoever puts something into an
 * empty mailbox sends its session to the executor, once until it is empty again. So a session's state has one mutator,
 * and no thread of the connection ever runs a subscriber's code.
 *
 * <p>It bounds nothing: what comes here is what open pulls brought, which the pull budget bounds.
 */
final class Mailbox implements Executor, Runnable {
    private static final int BURST = 256;

    /** What is done with the contents; never by two threads at once. */
    interface Session {
        void arrived(Delivery delivery);

        /** After each burst, and whenever it was woken. */
        void burstOver();

        /** The executor takes nothing any more: what still comes is handed over by whoever brings it. */
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

    /** Any thread; never blocks. */
    void offer(Delivery delivery) {
        contents.offer(delivery);
        wake();
    }

    /** Has {@code task} run in its turn. Any thread; never blocks. */
    @Override
    public void execute(Runnable task) {
        contents.offer(task);
        wake();
    }

    /** Something has changed that the session looks at by itself. Any thread; never blocks. */
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

    /** Makes way for others after each burst. */
    @Override
    public void run() {
        int seen = work.get();
        while (seen != 0) {
            boolean more = burst();
            guarded(session::burstOver);
            if (more) {
                resume();
                return;
            }
            seen = work.addAndGet(-seen);
        }
    }

    /** Returns whether there may be more. */
    private boolean burst() {
        for (int i = 0; i < BURST; i++) {
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

    /** What fails, be it by an {@code Error}, must not end the loop without its count: nothing would come any more. */
    private static void guarded(Runnable work) {
        try {
            work.run();
        } catch (Throwable fault) {
            Infrastructure.handleDroppedException(fault);
        }
    }
}
