package dev.sluice.flow;

import io.smallrye.mutiny.helpers.queues.Queues;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one after another, in the order they came, on another executor: state that only they touch needs no lock. A
 * task that is given from within a task runs after it. Never blocks who gives one; over {@code Runnable::run} whoever
 * finds nobody at work does the work, and so does whoever gives a task to an executor that takes none any more. It bounds
 * nothing; its callers do.
 */
public final class SerialExecutor implements Executor {
    private final Executor executor;
    private final Queue<Runnable> tasks = Queues.createMpscQueue();
    private final AtomicInteger work = new AtomicInteger();

    public SerialExecutor(Executor executor) {
        this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
        tasks.offer(task);
        if (work.getAndIncrement() == 0) {
            try {
                executor.execute(this::drain);
            } catch (RejectedExecutionException gone) {
                drain();
            }
        }
    }

    private void drain() {
        int seen = work.get();
        while (seen != 0) {
            for (int i = 0; i < seen; i++) {
                run(tasks.poll());
            }
            seen = work.addAndGet(-seen);
        }
    }

    /** One that fails, be it by an {@code Error}, must not keep the others from running. */
    private static void run(@Nullable Runnable task) {
        try {
            Objects.requireNonNull(task, "counted, and so offered").run();
        } catch (Throwable fault) {
            Infrastructure.handleDroppedException(fault);
        }
    }
}
