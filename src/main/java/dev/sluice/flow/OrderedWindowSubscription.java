package dev.sluice.flow;

import io.smallrye.mutiny.Context;
import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.BackPressureFailure;
import io.smallrye.mutiny.subscription.ContextSupport;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.Objects;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One subscription of an {@link OrderedWindow}.
 *
 * <p>Results wait in a ring, at the index of their item. The thread that brings the next result in order, or new
 * demand, emits. One thread emits at a time, by a counter of missed signals ({@code signals}). The counter begins at
 * one, owned by {@code onSubscribe}: nothing is emitted before that method has returned (Reactive Streams 1.3). A
 * result that is not next in order is only stored. The ring is written before {@code next} is read, and {@code next} is
 * written before the ring is read, so either the storing thread or the emitting thread sees that the result is due.
 */
final class OrderedWindowSubscription<T, R> implements MultiSubscriber<T>, Subscription, ContextSupport {
    private record Failed(Throwable cause) {}

    private final MultiSubscriber<? super R> downstream;
    private final UpstreamDemand credit;
    private final ToLongFunction<? super T> weight;
    private final int mask;
    private final BiConsumer<? super T, Completion<R>> work;
    private final AtomicReferenceArray<@Nullable Object> ring;
    private final WindowUpstream intake;
    private final AtomicReference<@Nullable Throwable> abort = new AtomicReference<>();
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger signals = new AtomicInteger(1);
    private volatile @Nullable Throwable upstreamFailure;
    private volatile long taken;
    private volatile long next;
    private volatile boolean terminated;

    OrderedWindowSubscription(
            MultiSubscriber<? super R> downstream,
            int window,
            UpstreamDemand credit,
            ToLongFunction<? super T> weight,
            BiConsumer<? super T, Completion<R>> work) {
        this.downstream = downstream;
        this.credit = credit;
        this.intake = new WindowUpstream(credit);
        this.weight = weight;
        this.work = work;
        int capacity = window == 1 ? 1 : Integer.highestOneBit(window - 1) * 2;
        this.mask = capacity - 1;
        this.ring = new AtomicReferenceArray<>(capacity);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (intake.begin(Objects.requireNonNull(subscription))) {
            downstream.onSubscribe(this);
            emitUntilQuiet();
        } else {
            subscription.cancel();
        }
    }

    @Override
    public void onItem(T item) {
        Objects.requireNonNull(item);
        if (!intake.open()) {
            return;
        }
        long number = taken;
        if (credit.exceeded(number + 1)) {
            abort(new BackPressureFailure("More items than were requested"));
            return;
        }
        Slot slot = new Slot(number, weight.applyAsLong(item));
        credit.took(slot.weight);
        taken = number + 1;
        try {
            work.accept(item, slot);
        } catch (RuntimeException | Error e) {
            slot.fail(e);
        }
        if (credit.runsLow(number + 1)) {
            drain();
        }
    }

    @Override
    public void onFailure(Throwable failure) {
        upstreamFailure = Objects.requireNonNull(failure);
        if (!intake.exhaust()) {
            Infrastructure.handleDroppedException(failure);
        }
        drain();
    }

    @Override
    public void onCompletion() {
        if (intake.exhaust()) {
            drain();
        }
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            abort(Subscriptions.getInvalidRequestException());
        } else {
            demand.accumulateAndGet(n, Subscriptions::add);
            drain();
        }
    }

    @Override
    public void cancel() {
        terminated = true;
        intake.stop();
        drain();
    }

    @Override
    public Context context() {
        return downstream instanceof ContextSupport support ? support.context() : Context.empty();
    }

    private void abort(Throwable cause) {
        intake.stop();
        abort.compareAndSet(null, cause);
        drain();
    }

    private void drain() {
        if (signals.getAndIncrement() == 0) {
            emitUntilQuiet();
        }
    }

    private void emitUntilQuiet() {
        int seen = 1;
        do {
            if (!terminated) {
                emit();
            }
            if (terminated) {
                forget();
            } else {
                intake.replenish(taken, next);
            }
            seen = signals.addAndGet(-seen);
        } while (seen != 0);
    }

    @SuppressWarnings("unchecked")
    private void emit() {
        long wanted = demand.get();
        long emitted = 0;
        while (!terminated) {
            Throwable aborted = abort.get();
            if (aborted != null) {
                terminated = true;
                downstream.onFailure(aborted);
                return;
            }
            boolean exhausted = intake.exhausted();
            long number = next;
            Object result = ring.get((int) number & mask);
            if (result == null) {
                if (exhausted && number == taken) {
                    finish();
                }
                break;
            }
            if (result instanceof Failed failed) {
                terminated = true;
                downstream.onFailure(failed.cause());
                return;
            }
            if (emitted == wanted) {
                break;
            }
            ring.lazySet((int) number & mask, null);
            next = number + 1;
            emitted++;
            handOver((R) result);
        }
        if (wanted != Long.MAX_VALUE) {
            demand.addAndGet(-emitted);
        }
    }

    /**
     * Emits a result. A subscriber that throws counts as cancelled (Reactive Streams 2.13). The exception must not
     * leave the emission loop, because {@code signals} would never return to zero.
     */
    private void handOver(R result) {
        try {
            downstream.onItem(result);
        } catch (Throwable broken) {
            terminated = true;
            intake.stop();
            Infrastructure.handleDroppedException(broken);
        }
    }

    private void finish() {
        terminated = true;
        Throwable failure = upstreamFailure;
        if (failure == null) {
            downstream.onCompletion();
        } else {
            downstream.onFailure(failure);
        }
    }

    private void forget() {
        for (int i = 0; i <= mask; i++) {
            ring.lazySet(i, null);
        }
    }

    /** The position of one item in the order, and the completion of its work. */
    private final class Slot extends AtomicBoolean implements Completion<R> {
        private final long number;
        private final long weight;

        Slot(long number, long weight) {
            this.number = number;
            this.weight = weight;
        }

        @Override
        public void complete(R result) {
            settle(Objects.requireNonNull(result));
        }

        @Override
        public void fail(Throwable failure) {
            if (settle(new Failed(failure))) {
                intake.stop();
            }
        }

        private boolean settle(Object result) {
            boolean first = !terminated && compareAndSet(false, true);
            if (first) {
                credit.released(weight);
                ring.set((int) number & mask, result);
                if (number == next) {
                    drain();
                }
            }
            return first;
        }
    }
}
