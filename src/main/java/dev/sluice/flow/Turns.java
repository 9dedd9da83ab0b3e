package dev.sluice.flow;

import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks one at a time, in the order they came, on the threads that bring them: whoever finds nobody at work works
 * until no task is left. What only tasks touch needs no lock, and a task may call anybody: who calls back only queues.
 *
 * <p>It bounds nothing; its callers do. A task that throws is reported and holds up no other.
 */
public final class Turns implements Executor {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** Returns before {@code task} has run if another thread, or a task of this one, is at work. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() == 0) {
            do {
                run(tasks.remove());
            } while (waiting.decrementAndGet() != 0);
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            Infrastructure.handleDroppedException(e);
        }
    }
}
