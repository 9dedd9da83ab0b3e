package dev.sluice.flow;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.operators.AbstractMulti;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.function.Function;

/**
 * A {@code Multi} over a source without back-pressure. Each subscriber opens the source separately and closes it on
 * failure and cancellation. Items pass through a bounded buffer with an {@link Overflow} policy.
 *
 * <p>Items are emitted on the source's thread, on the requesting thread, or on a thread of Mutiny's default executor, never
 * on two at once. A request without a limit emits only the items that wait at that time on its own thread.
 */
public final class HotMulti<T> extends AbstractMulti<T> {
    private final BufferBounds<T> bounds;
    private final Function<Sink<T>, Runnable> source;

    private HotMulti(BufferBounds<T> bounds, Function<Sink<T>, Runnable> source) {
        this.bounds = bounds;
        this.source = source;
    }

    /**
     * Returns a {@code Multi} with the given bounds.
     *
     * @param source opens itself into the given sink and returns an action that closes it
     */
    public static <T> Multi<T> of(BufferBounds<T> bounds, Function<Sink<T>, Runnable> source) {
        return Infrastructure.onMultiCreation(new HotMulti<>(bounds, source));
    }

    @Override
    public void subscribe(MultiSubscriber<? super T> subscriber) {
        DemandBuffer<T> buffer = new DemandBuffer<>(bounds, subscriber);
        subscriber.onSubscribe(buffer);
        buffer.open(source);
    }

    /** Receives the items of a source, from one thread at a time. */
    public interface Sink<T> {
        /** Adds an item. Never blocks; the {@link Overflow} policy applies if the item does not fit. */
        void offer(T item);

        /** Fails the stream after the buffered items. */
        void fail(Throwable failure);

        /** Completes the stream after the buffered items. */
        void complete();
    }
}
