package dev.sluice.flow;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.operators.AbstractMulti;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.function.Function;

/**
 * A {@code Multi} over a source that cannot be slowed down. Every subscriber opens the source for itself and closes it
 * on completion, failure and cancellation; between the two stands a bounded buffer with a named {@link Overflow}.
 *
 * <p>Items are delivered on the source's thread or on the one that requests, never on both at once.
 */
public final class HotMulti<T> extends AbstractMulti<T> {
    private final BufferBounds<T> bounds;
    private final Function<Sink<T>, Runnable> source;

    private HotMulti(BufferBounds<T> bounds, Function<Sink<T>, Runnable> source) {
        this.bounds = bounds;
        this.source = source;
    }

    /**
     * A stream behind {@code bounds}.
     *
     * @param source opens itself into the given sink and returns how to close it
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

    /** Where a source puts what it has; from one thread at a time. */
    public interface Sink<T> {
        /** Never blocks; what does not fit goes the way of the {@link Overflow}. */
        void offer(T item);

        /** Ends the stream after what is buffered. */
        void fail(Throwable failure);
    }
}
