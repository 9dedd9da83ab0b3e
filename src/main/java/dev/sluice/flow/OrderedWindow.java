package dev.sluice.flow;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.operators.multi.AbstractMultiOperator;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;

/**
 * Starts an asynchronous operation for each item of a {@code Multi}, a limited number at a time, and emits the results
 * in the order of the items.
 *
 * <p>The window counts the items that were received from upstream and whose result was not emitted yet. Up to one
 * window of items is requested at the start, so that work begins ahead of demand, and more as results are emitted: the
 * slower of the work and the subscriber limits upstream. No more items are requested while the items whose work is not
 * done weigh {@code maxWeight} or more; up to {@value UpstreamDemand#AHEAD} may be requested already. Results never
 * exceed demand.
 *
 * <p>The first failure stops the intake at once and is emitted after the results of the preceding items. Work that was
 * started for later items continues, and its results are dropped. A cancel also stops the intake.
 *
 * @param <T> type of the items
 * @param <R> type of the results
 */
public final class OrderedWindow<T, R> extends AbstractMultiOperator<T, R> {
    private final int window;
    private final long maxWeight;
    private final ToLongFunction<? super T> weight;
    private final BiConsumer<? super T, Completion<R>> work;

    /** Creates a window for items without weight. */
    public OrderedWindow(Multi<? extends T> upstream, int window, BiConsumer<? super T, Completion<R>> work) {
        this(upstream, window, Long.MAX_VALUE, item -> 0, work);
    }

    /**
     * @param window maximum number of items in progress or waiting for demand, at least 1
     * @param maxWeight weight of the items in progress from which no more items are requested, at least 1
     * @param weight weight of one item, for example its size in bytes
     * @param work starts the work for one item; called on upstream's thread, never concurrently; must not block; may
     *     settle the completion on any thread, also before it returns
     */
    public OrderedWindow(
            Multi<? extends T> upstream,
            int window,
            long maxWeight,
            ToLongFunction<? super T> weight,
            BiConsumer<? super T, Completion<R>> work) {
        super(upstream);
        if (window < 1 || maxWeight < 1) {
            throw new IllegalArgumentException("A window holds at least one item");
        }
        this.window = window;
        this.maxWeight = maxWeight;
        this.weight = weight;
        this.work = work;
    }

    @Override
    public void subscribe(MultiSubscriber<? super R> downstream) {
        if (downstream == null) {
            throw new NullPointerException("A Multi needs a subscriber");
        }
        UpstreamDemand credit = new UpstreamDemand(window, maxWeight);
        upstream.subscribe()
                .withSubscriber(new OrderedWindowSubscription<T, R>(downstream, window, credit, weight, work));
    }
}
