package dev.sluice.flow;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Limits the number of asynchronous operations that run at once. Further operations wait in FIFO order and block no
 * thread. Thread-safe.
 *
 * <p>A permit is held from the subscription to the operation until the operation ends. A cancel removes a waiting
 * operation from the queue at once. A running operation continues to its end even if its subscriber cancels, so the
 * limit applies to what really runs.
 *
 * <p>The end of an operation starts the next one on the same thread, through a {@link SerialExecutor}. So an operation
 * that ends during its subscription does not recurse, however many operations wait.
 */
public final class AsyncSemaphore {
    private final SerialExecutor trampoline = new SerialExecutor(Runnable::run);
    private final Set<Acquisition<?>> waiting = new LinkedHashSet<>();
    private int free;

    /** @param permits maximum number of concurrent operations, at least 1 */
    public AsyncSemaphore(int permits) {
        this.free = permits;
    }

    /**
     * Returns the result of {@code work}. The work is subscribed to when a permit is available: on the subscriber's
     * thread if one is free, else on the thread on which another operation ended.
     */
    public <T> Uni<T> withPermit(Uni<T> work) {
        return Uni.createFrom().emitter(emitter -> {
            Acquisition<T> acquisition = new Acquisition<>(work, emitter);
            emitter.onTermination(() -> leave(acquisition));
            if (acquire(acquisition)) {
                acquisition.run();
            }
        });
    }

    /** Returns the number of waiting operations. */
    public synchronized int waiting() {
        return waiting.size();
    }

    /** Returns the number of free permits. For tests. */
    synchronized int free() {
        return free;
    }

    /** Takes a permit, or queues the acquisition. */
    private synchronized boolean acquire(Acquisition<?> acquisition) {
        if (acquisition.cancelled) {
            return false;
        }
        if (free > 0) {
            free--;
            return true;
        }
        waiting.add(acquisition);
        return false;
    }

    private synchronized void leave(Acquisition<?> acquisition) {
        acquisition.cancelled = true;
        waiting.remove(acquisition);
    }

    private void release() {
        Acquisition<?> next = passOn();
        if (next != null) {
            trampoline.execute(next::run);
        }
    }

    private synchronized @Nullable Acquisition<?> passOn() {
        Iterator<Acquisition<?>> line = waiting.iterator();
        if (!line.hasNext()) {
            free++;
            return null;
        }
        Acquisition<?> first = line.next();
        line.remove();
        return first;
    }

    /** A request for a permit. The flags are guarded by the semaphore. */
    private final class Acquisition<T> {
        private final Uni<T> work;
        private final UniEmitter<? super T> emitter;
        private boolean cancelled;
        private boolean ended;

        Acquisition(Uni<T> work, UniEmitter<? super T> emitter) {
            this.work = work;
            this.emitter = emitter;
        }

        /** Runs the work with a permit. The permit is released once, whatever the work does. */
        void run() {
            if (cancelled()) {
                end();
                return;
            }
            try {
                work.subscribe().with(this::completed, this::failed);
            } catch (Throwable broken) {
                failed(broken);
            }
        }

        private void completed(T item) {
            try {
                emitter.complete(item);
            } finally {
                end();
            }
        }

        private void failed(Throwable failure) {
            try {
                emitter.fail(failure);
            } finally {
                end();
            }
        }

        private boolean cancelled() {
            synchronized (AsyncSemaphore.this) {
                return cancelled;
            }
        }

        private void end() {
            synchronized (AsyncSemaphore.this) {
                if (ended) {
                    return;
                }
                ended = true;
            }
            release();
        }
    }
}
