package dev.sluice.flow;

import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The upstream side of an {@link OrderedWindowSubscription}: open until upstream ends or no more items are wanted. */
final class WindowUpstream {
    private enum State {
        OPEN,
        EXHAUSTED,
        STOPPED
    }

    private final UpstreamDemand credit;
    private final AtomicReference<@Nullable Subscription> upstream = new AtomicReference<>();
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

    WindowUpstream(UpstreamDemand credit) {
        this.credit = credit;
    }

    /** Sets the upstream subscription. Returns false if there already is one. */
    boolean begin(Subscription subscription) {
        return upstream.compareAndSet(null, subscription);
    }

    boolean open() {
        return state.get() == State.OPEN;
    }

    boolean exhausted() {
        return state.get() == State.EXHAUSTED;
    }

    /** Records the end of upstream. Returns false if the intake was not open any more. */
    boolean exhaust() {
        return state.compareAndSet(State.OPEN, State.EXHAUSTED);
    }

    /** Stops the intake and cancels upstream if it is open. */
    void stop() {
        Subscription subscription = upstream.get();
        if (state.getAndSet(State.STOPPED) == State.OPEN && subscription != null) {
            subscription.cancel();
        }
    }

    /** Requests the items that the credit grants. Must not be called concurrently. */
    void replenish(long taken, long gone) {
        Subscription subscription = upstream.get();
        if (subscription != null && open()) {
            long grant = credit.grant(taken, gone);
            if (grant > 0) {
                subscription.request(grant);
            }
        }
    }
}
