package dev.sluice.flow;

import dev.sluice.failure.Failure;
import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.util.ArrayDeque;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One subscription to a {@link HotMulti}: a bounded buffer and the loop that emits as many items as were requested.
 *
 * <p>Concurrency: only the thread that raises {@code drains} from zero calls downstream, until the counter is zero
 * again. Other threads increment it and return. The buffer has its own lock, because with {@link Overflow#DROP_OLDEST}
 * both sides remove items from it.
 */
final class DemandBuffer<T> implements Flow.Subscription, HotMulti.Sink<T> {
    /** Values of {@code close} before the source is opened and after it is closed. */
    private enum Mark implements Runnable {
        NOT_OPEN,
        CLOSED;

        @Override
        public void run() {}
    }

    private final BufferBounds<T> bounds;
    private final Flow.Subscriber<? super T> downstream;

    private final AtomicLong requested = new AtomicLong();
    private final AtomicInteger drains = new AtomicInteger();
    private final AtomicReference<Runnable> close = new AtomicReference<>(Mark.NOT_OPEN);
    private volatile @Nullable Throwable failure;
    /** Whether the source has ended without a failure. */
    private volatile boolean completed;
    /** Whether the failure is emitted at once and replaces the buffered items. */
    private volatile boolean discarding;

    private final ArrayDeque<T> waiting = new ArrayDeque<>();
    private long waitingBytes;

    DemandBuffer(BufferBounds<T> bounds, Flow.Subscriber<? super T> downstream) {
        this.bounds = bounds;
        this.downstream = downstream;
    }

    void open(Function<HotMulti.Sink<T>, Runnable> source) {
        if (closed()) {
            return;
        }
        try {
            Runnable opened = source.apply(this);
            if (!close.compareAndSet(Mark.NOT_OPEN, opened)) {
                opened.run();
            }
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    @Override
    public void offer(T item) {
        if (closed() || ended()) {
            return;
        }
        int dropped = admit(item);
        for (int i = 0; i < dropped; i++) {
            bounds.whenDropped().run();
        }
        if (dropped > 0 && bounds.overflow() == Overflow.FAIL) {
            failure = Failure.OVERFLOW.because("The subscriber is slower than the subject: more than "
                    + bounds.maxItems() + " messages or " + bounds.maxBytes() + " bytes wait");
        }
        drain();
    }

    @Override
    public void fail(Throwable cause) {
        failure = cause;
        drain();
    }

    @Override
    public void complete() {
        completed = true;
        drain();
    }

    private boolean ended() {
        return failure != null || completed;
    }

    @Override
    public void request(long count) {
        if (count <= 0) {
            failure = new IllegalArgumentException("request(" + count + "): demand is positive, Reactive Streams 3.9");
            discarding = true;
        } else {
            Subscriptions.add(requested, count);
        }
        drain(count == Long.MAX_VALUE ? size() : Long.MAX_VALUE);
    }

    @Override
    public void cancel() {
        close();
        if (drains.getAndIncrement() == 0) {
            clear();
        }
    }

    /** Adds the item according to the policy. Returns how many items were dropped for it, or were it. */
    private int admit(T item) {
        long bytes = bounds.weight().applyAsLong(item);
        int dropped = 0;
        synchronized (waiting) {
            switch (bounds.overflow()) {
                case FAIL, DROP_NEWEST -> {
                    if (full(bytes)) {
                        return 1;
                    }
                }
                case DROP_OLDEST -> {
                    for (; full(bytes); dropped++) {
                        removeOldest();
                    }
                }
                case LATEST -> {
                    for (; !waiting.isEmpty(); dropped++) {
                        removeOldest();
                    }
                }
            }
            waiting.add(item);
            waitingBytes += bytes;
        }
        return dropped;
    }

    private boolean full(long more) {
        return !waiting.isEmpty() && (waiting.size() >= bounds.maxItems() || waitingBytes + more > bounds.maxBytes());
    }

    private void removeOldest() {
        waitingBytes -= bounds.weight().applyAsLong(waiting.remove());
    }

    private @Nullable T next() {
        synchronized (waiting) {
            T item = waiting.poll();
            if (item != null) {
                waitingBytes -= bounds.weight().applyAsLong(item);
            }
            return item;
        }
    }

    private void clear() {
        synchronized (waiting) {
            waiting.clear();
            waitingBytes = 0;
        }
    }

    private void drain() {
        drain(Long.MAX_VALUE);
    }

    /**
     * Emits at most {@code most} items. If more wait, another thread goes on: that of the source if it offers one first,
     * else one of the pool. So a thread that requests without a limit is not kept as long as the source is faster than the
     * subscriber.
     */
    private void drain(long most) {
        if (drains.getAndIncrement() != 0) {
            return;
        }
        long left = most;
        int missed = 1;
        while (missed != 0) {
            left -= handOver(left);
            missed = drains.addAndGet(-missed);
        }
        if (left == 0 && size() > 0) {
            Infrastructure.getDefaultExecutor().execute(() -> drain(size()));
        }
    }

    private long handOver(long most) {
        long demand = Math.min(requested.get(), most);
        long emitted = 0;
        while (!closed()) {
            boolean ended = ended();
            if (discarding) {
                terminate();
                break;
            }
            if (emitted == demand && !(ended && size() == 0)) {
                break;
            }
            T item = next();
            if (item != null) {
                emitted++;
                handOver(item);
            } else {
                if (ended) {
                    terminate();
                }
                break;
            }
        }
        if (closed()) {
            clear();
        }
        Subscriptions.produced(requested, emitted);
        return emitted;
    }

    /**
     * Emits an item. A subscriber that throws counts as cancelled (Reactive Streams 2.13). The exception must not leave
     * the drain loop, because {@code drains} would never return to zero.
     */
    private void handOver(T item) {
        try {
            downstream.onNext(item);
        } catch (Throwable broken) {
            close();
            Infrastructure.handleDroppedException(broken);
        }
    }

    private int size() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    private void terminate() {
        Throwable cause = failure;
        if (!ended() || !close()) {
            return;
        }
        if (cause != null) {
            downstream.onError(cause);
        } else {
            downstream.onComplete();
        }
    }

    private boolean closed() {
        return close.get() == Mark.CLOSED;
    }

    private boolean close() {
        Runnable opened = close.getAndSet(Mark.CLOSED);
        if (opened == Mark.CLOSED) {
            return false;
        }
        opened.run();
        return true;
    }
}
