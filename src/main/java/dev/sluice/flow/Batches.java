package dev.sluice.flow;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.operators.AbstractMulti;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A {@code Multi} that collects items into lists. A list is emitted when it is full, or when {@code wait} has passed
 * since its first item. Unlike Mutiny's {@code group().intoLists().of(size, duration)}, it does not fail when a list is
 * due without demand: the list continues to fill up to its size, and no more is requested from upstream.
 */
public final class Batches<T> extends AbstractMulti<List<T>> {
    private final Multi<T> items;
    private final int size;
    private final Duration wait;
    private final Consumer<? super T> unwanted;

    /**
     * @param unwanted receives the items that were collected and will not be emitted, because downstream has cancelled
     *     or broken the protocol
     */
    public Batches(Multi<T> items, int size, Duration wait, Consumer<? super T> unwanted) {
        this.items = items;
        this.size = size;
        this.wait = wait;
        this.unwanted = unwanted;
    }

    @Override
    public void subscribe(MultiSubscriber<? super List<T>> downstream) {
        items.subscribe().withSubscriber(new Collector(downstream));
    }

    /**
     * All state is guarded by the lock. Signals are emitted outside of it, by one thread at a time ({@code emitting}).
     */
    private final class Collector implements MultiSubscriber<T>, Flow.Subscription {
        private final MultiSubscriber<? super List<T>> downstream;
        private Flow.@Nullable Subscription upstream;
        private List<T> collected = new ArrayList<>();
        private long demand;
        /**
         * Items requested from upstream and not received yet. With the collected items, never more than {@code size}.
         */
        private int outstanding;

        private boolean due;
        private boolean ended;
        private boolean cancelled;
        private boolean emitting;
        private @Nullable Throwable failure;
        private @Nullable ScheduledFuture<?> timer;

        Collector(MultiSubscriber<? super List<T>> downstream) {
            this.downstream = downstream;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            upstream = subscription;
            downstream.onSubscribe(this);
        }

        @Override
        public void onItem(T item) {
            if (!collected(item)) {
                unwanted.accept(item);
                return;
            }
            drain();
        }

        /** Returns whether the item is to be emitted. */
        private boolean collected(T item) {
            synchronized (this) {
                if (ended || cancelled) {
                    return false;
                }
                outstanding--;
                collected.add(item);
                if (collected.size() == 1) {
                    List<T> ofTimer = collected;
                    timer = Infrastructure.getDefaultWorkerPool()
                            .schedule(() -> waited(ofTimer), wait.toNanos(), TimeUnit.NANOSECONDS);
                }
                return true;
            }
        }

        @Override
        public void onFailure(Throwable thrown) {
            synchronized (this) {
                failure = thrown;
                ended = true;
            }
            drain();
        }

        @Override
        public void onCompletion() {
            synchronized (this) {
                ended = true;
            }
            drain();
        }

        @Override
        public void request(long n) {
            if (n <= 0) {
                refuse();
                return;
            }
            synchronized (this) {
                demand = Subscriptions.add(demand, n);
            }
            drain();
        }

        /** Fails on demand that is not positive. The failure replaces the collected items. */
        private void refuse() {
            synchronized (this) {
                ended = true;
                failure = Subscriptions.getInvalidRequestException();
            }
            stop();
            drain();
        }

        @Override
        public void cancel() {
            synchronized (this) {
                cancelled = true;
            }
            stop();
        }

        /** Cancels upstream, then returns the collected items. */
        private void stop() {
            Flow.Subscription source;
            List<T> dropped;
            synchronized (this) {
                stopTimer();
                due = false;
                dropped = collected;
                collected = new ArrayList<>();
                source = upstream;
            }
            if (source != null) {
                source.cancel();
            }
            dropped.forEach(unwanted);
        }

        private void waited(List<T> list) {
            synchronized (this) {
                if (list != collected) {
                    return;
                }
                due = true;
            }
            drain();
        }

        private void stopTimer() {
            if (timer != null) {
                timer.cancel(false);
                timer = null;
            }
        }

        private void drain() {
            synchronized (this) {
                if (emitting) {
                    return;
                }
                emitting = true;
            }
            try {
                while (step()) {
                    // each step emits one signal
                }
            } catch (Throwable broken) {
                cancel();
                Infrastructure.handleDroppedException(broken);
            }
        }

        /**
         * Emits one list, emits the end or requests items. Returns false if there is nothing to do until the next
         * signal.
         */
        private boolean step() {
            List<T> list = null;
            boolean over = false;
            int missing = 0;
            synchronized (this) {
                if (cancelled) {
                    emitting = false;
                    return false;
                }
                boolean ready = collected.size() >= size || due || (ended && !collected.isEmpty());
                if (ready && demand > 0) {
                    list = collected;
                    collected = new ArrayList<>();
                    due = false;
                    stopTimer();
                    demand = demand == Long.MAX_VALUE ? demand : demand - 1;
                } else if (ended && collected.isEmpty()) {
                    cancelled = true;
                    over = true;
                } else if (!ended && demand > 0 && outstanding + collected.size() < size) {
                    missing = size - outstanding - collected.size();
                    outstanding += missing;
                } else {
                    emitting = false;
                    return false;
                }
            }
            tell(list, over, missing);
            return true;
        }

        private void tell(@Nullable List<T> list, boolean over, int missing) {
            Flow.Subscription source = upstream;
            if (list != null) {
                downstream.onItem(list);
            } else if (over && failure != null) {
                downstream.onFailure(failure);
            } else if (over) {
                downstream.onCompletion();
            } else if (source != null) {
                source.request(missing);
            }
        }
    }
}
