package dev.sluice.flow;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how many pieces of asynchronous work run at once; the others wait, first come, first served, and block no
 * thread.
 *
 * <p>A permit is held from the subscription to the work until the work has ended. Whoever cancels while waiting leaves
 * the line at once. Work that has begun runs to its end, also when nobody waits for it any more: so the bound is on what
 * really runs.
 *
 * <p>The end of one piece of work begins the next one on the same thread, through a {@link SerialExecutor}: work that
 * ends while it is being subscribed to never recurses, however many wait.
 */
public final class AsyncSemaphore {
    private final SerialExecutor trampoline = new SerialExecutor(Runnable::run);
    private final Set<Acquisition<?>> waiting = new LinkedHashSet<>();
    private int free;

    /** @param permits how many pieces of work run at once; one or more */
    public AsyncSemaphore(int permits) {
        this.free = permits;
    }

    /**
     * The result of {@code work}, which is subscribed to when a permit is there: on the subscriber's thread if one is
     * free, else on the thread on which another piece of work has ended.
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

    /** How many wait for a permit. */
    public synchronized int waiting() {
        return waiting.size();
    }

    /** How many permits nobody holds. */
    public synchronized int free() {
        return free;
    }

    /** Takes a permit, or joins the line. */
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

    /** One who wants a permit. The flags are guarded by the semaphore. */
    private final class Acquisition<T> {
        private final Uni<T> work;
        private final UniEmitter<? super T> emitter;
        private boolean cancelled;
        private boolean ended;

        Acquisition(Uni<T> work, UniEmitter<? super T> emitter) {
            this.work = work;
            this.emitter = emitter;
        }

        /** Holds a permit, which is released once, whatever the work does. */
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
