package dev.sluice.stream.pull;

import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a fetch hands on: an item is all that came since the one before, so a slow subscriber gets fewer and longer lists.
 *
 * <p>The fetch's serial executor only, but {@link #cancel}.
 */
final class FetchedBatches {
    private final boolean whole;
    private final PullCounters counters;
    private @Nullable MultiSubscriber<? super List<Delivery>> downstream;
    private List<Delivery> ready = new ArrayList<>();
    private long demand;
    private boolean ended;
    private @Nullable Throwable failure;
    private volatile boolean cancelled;

    /** @param whole whether everything is to be one item, when it is complete */
    FetchedBatches(boolean whole, PullCounters counters, MultiSubscriber<? super List<Delivery>> downstream) {
        this.whole = whole;
        this.counters = counters;
        this.downstream = downstream;
    }

    void add(Delivery delivery) {
        ready.add(delivery);
        emit();
    }

    void request(long n) {
        demand = Subscriptions.add(demand, n);
        emit();
    }

    /** Nothing more comes; downstream ends with {@code cause}, if any, once it has what is ready. */
    void end(@Nullable Throwable cause) {
        if (!ended) {
            ended = true;
            failure = cause;
        }
        emit();
    }

    /** Nothing is handed on any more. Any thread. */
    void cancel() {
        cancelled = true;
    }

    /** Takes back what is ready. */
    List<Delivery> drop() {
        List<Delivery> dropped = ready;
        ready = new ArrayList<>();
        return dropped;
    }

    private void emit() {
        MultiSubscriber<? super List<Delivery>> target = downstream;
        if (target == null || cancelled) {
            return;
        }
        if (demand > 0 && !ready.isEmpty() && (ended || !whole)) {
            List<Delivery> burst = drop();
            demand--;
            counters.delivered.add(burst.size());
            target.onItem(burst);
        }
        if (ended && ready.isEmpty()) {
            downstream = null;
            if (failure == null) {
                target.onCompletion();
            } else {
                target.onFailure(failure);
            }
        }
    }
}
