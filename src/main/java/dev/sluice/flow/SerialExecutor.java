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
 * Runs tasks one at a time, in submission order, on another executor. State that only these tasks access needs no lock.
 *
 * <p>A task that is submitted from within a task runs after it. {@link #execute} does not wait for other tasks. Over
 * {@code Runnable::run} the submitting thread runs the tasks, unless another thread is running them; it also does so if
 * the executor rejects them. The queue is unbounded: the callers limit the number of tasks.
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

    /** Runs a task. A failure, even an {@code Error}, must not prevent the other tasks from running. */
    private static void run(@Nullable Runnable task) {
        try {
            Objects.requireNonNull(task, "a counted task is in the queue").run();
        } catch (Throwable fault) {
            Infrastructure.handleDroppedException(fault);
        }
    }
}
