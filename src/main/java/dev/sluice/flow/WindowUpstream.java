package dev.sluice.flow;

import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The upstream side of an {@link OrderedWindowSubscription}: open until upstream ends or no more items are wanted. */
final class WindowUpstream {
    private enum Phase {
        OPEN,
        EXHAUSTED,
        STOPPED
    }

    private final UpstreamDemand credit;
    private final AtomicReference<@Nullable Subscription> upstream = new AtomicReference<>();
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.OPEN);

    WindowUpstream(UpstreamDemand credit) {
        this.credit = credit;
    }

    /** Sets the upstream subscription. Returns false if there already is one. */
    boolean begin(Subscription subscription) {
        return upstream.compareAndSet(null, subscription);
    }

    boolean open() {
        return phase.get() == Phase.OPEN;
    }

    boolean exhausted() {
        return phase.get() == Phase.EXHAUSTED;
    }

    /** Records the end of upstream. Returns false if the intake was not open any more. */
    boolean exhaust() {
        return phase.compareAndSet(Phase.OPEN, Phase.EXHAUSTED);
    }

    /** Stops the intake and cancels upstream if it is open. */
    void stop() {
        Subscription subscription = upstream.get();
        if (phase.getAndSet(Phase.STOPPED) == Phase.OPEN && subscription != null) {
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
