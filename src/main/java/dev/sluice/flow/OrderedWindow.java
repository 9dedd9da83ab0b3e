package dev.sluice.flow;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.operators.multi.AbstractMultiOperator;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;

/**
 * Starts something asynchronous for every item of a {@code Multi}, a bounded number of them at a time, and emits the
 * results in the order of the items, whatever order they came in.
 *
 * <p>The window counts the items that were taken from upstream and whose result has not gone downstream. Upstream is
 * asked for up to a window at the start, so that work begins ahead of demand, and then for more as results go: it slows
 * down with whoever is slower, the work or the subscriber. It is also asked for no more while the items whose work is
 * not done weigh too much; but for {@value UpstreamDemand#AHEAD} that may be asked for already. Results never exceed
 * demand.
 *
 * <p>The first failure stops the intake at once and is emitted after the results of the items before it; what was
 * started for items after it goes on, and its results are dropped. A cancel stops the intake as well.
 *
 * @param <T> the items
 * @param <R> their results
 */
public final class OrderedWindow<T, R> extends AbstractMultiOperator<T, R> {
    private final int window;
    private final long maxWeight;
    private final ToLongFunction<? super T> weight;
    private final BiConsumer<? super T, Completion<R>> work;

    /** Items without weight. */
    public OrderedWindow(Multi<? extends T> upstream, int window, BiConsumer<? super T, Completion<R>> work) {
        this(upstream, window, Long.MAX_VALUE, item -> 0, work);
    }

    /**
     * @param window how many items may be under way or wait for demand, at least 1
     * @param maxWeight from which weight of the items under way on upstream is not asked for more, at least 1
     * @param weight of one item, the bytes it holds for instance
     * @param work starts the work for one item; called on upstream's thread, never concurrently, must not block; may
     *     settle on any thread, also before it returns
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
