package dev.sluice.stream.pull;

import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Emits the deliveries of a fetch in lists. An item holds all deliveries received since the previous item, so a slow
 * subscriber receives fewer and longer lists. A delivery that is kept in progress while it waits has its whole ack wait
 * again when it is emitted, or most of it.
 *
 * <p>Confined to the fetch's serial executor, except {@link #cancel}.
 */
final class FetchedBatches {
    private final boolean whole;
    private final PullCounters counters;
    private final InProgressHeartbeat progress;
    private @Nullable MultiSubscriber<? super List<Delivery>> downstream;
    private List<Delivery> ready = new ArrayList<>();
    private long demand;
    private boolean inputEnded;
    private @Nullable Throwable failure;
    private volatile boolean cancelled;

    /** @param whole whether to emit all deliveries as one item at the end */
    FetchedBatches(
            boolean whole,
            PullCounters counters,
            InProgressHeartbeat progress,
            MultiSubscriber<? super List<Delivery>> downstream) {
        this.whole = whole;
        this.counters = counters;
        this.progress = progress;
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

    /**
     * Ends the input. Downstream completes, or fails with {@code cause}, after it has received the ready deliveries.
     */
    void end(@Nullable Throwable cause) {
        if (!inputEnded) {
            inputEnded = true;
            failure = cause;
        }
        emit();
    }

    /** Stops emission. Any thread. */
    void cancel() {
        cancelled = true;
    }

    /** Returns whether nothing more will be emitted. */
    boolean ended() {
        return cancelled || downstream == null;
    }

    /** Returns the ready deliveries to the consumer. They are no longer kept in progress. */
    void giveBack() {
        for (Delivery delivery : take()) {
            progress.drop(delivery);
            delivery.giveBack();
        }
    }

    private List<Delivery> take() {
        List<Delivery> taken = ready;
        ready = new ArrayList<>();
        return taken;
    }

    private void emit() {
        MultiSubscriber<? super List<Delivery>> target = downstream;
        if (target == null || cancelled) {
            return;
        }
        if (demand > 0 && !ready.isEmpty() && (inputEnded || !whole)) {
            List<Delivery> batch = take();
            batch.forEach(progress::handOver);
            demand--;
            counters.delivered.add(batch.size());
            target.onItem(batch);
        }
        if (inputEnded && ready.isEmpty()) {
            downstream = null;
            if (failure == null) {
                target.onCompletion();
            } else {
                target.onFailure(failure);
            }
        }
    }
}
