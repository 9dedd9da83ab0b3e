package dev.sluice.flow;

import io.smallrye.mutiny.Context;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.operators.AbstractMulti;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.mutiny.subscription.ContextSupport;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A {@code Multi} that begins when a {@code Uni} has its item, and passes on the items of the {@code Multi} made from it.
 *
 * <p>Used instead of {@code Uni.onItem().transformToMulti}. That operator (Mutiny 3.1.1) does not cancel a {@code Multi}
 * to which it subscribes while its subscriber cancels: a client that leaves at this moment would leave a subscription
 * without an owner.
 */
public final class FlatMapMany<I, O> extends AbstractMulti<O> {
    private final Uni<I> uni;
    private final Function<? super I, ? extends Multi<O>> mapper;

    private FlatMapMany(Uni<I> uni, Function<? super I, ? extends Multi<O>> mapper) {
        this.uni = uni;
        this.mapper = mapper;
    }

    /** Returns a stage for {@link Uni#stage}, which continues with the {@code Multi} that {@code mapper} returns. */
    public static <I, O> Function<Uni<I>, Multi<O>> flatMapMany(Function<? super I, ? extends Multi<O>> mapper) {
        return uni -> new FlatMapMany<>(uni, mapper);
    }

    @Override
    public void subscribe(MultiSubscriber<? super O> downstream) {
        Context context = downstream instanceof ContextSupport support ? support.context() : Context.empty();
        Continuation continuation = new Continuation(downstream, context);
        downstream.onSubscribe(continuation);
        if (continuation.cancelled) {
            return;
        }
        continuation.cancelFirst(uni.subscribe().with(context, continuation::begin, continuation::onFailure));
    }

    private final class Continuation implements MultiSubscriber<O>, Flow.Subscription, ContextSupport {
        private final MultiSubscriber<? super O> downstream;
        private final Context context;
        private @Nullable Cancellable first;
        private Flow.@Nullable Subscription second;
        private long requested;
        private volatile boolean cancelled;

        Continuation(MultiSubscriber<? super O> downstream, Context context) {
            this.downstream = downstream;
            this.context = context;
        }

        void cancelFirst(Cancellable subscription) {
            synchronized (this) {
                if (!cancelled) {
                    first = subscription;
                    return;
                }
            }
            subscription.cancel();
        }

        void begin(I item) {
            if (cancelled) {
                return;
            }
            Multi<O> next;
            try {
                next = Objects.requireNonNull(mapper.apply(item), "the mapper returned null");
            } catch (Throwable failure) {
                onFailure(failure);
                return;
            }
            next.subscribe().withSubscriber(this);
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            boolean late;
            long waiting;
            synchronized (this) {
                second = subscription;
                late = cancelled;
                waiting = requested;
            }
            if (late) {
                subscription.cancel();
            } else if (waiting > 0) {
                subscription.request(waiting);
            }
        }

        @Override
        public void request(long count) {
            if (cancelled) {
                return;
            }
            if (count <= 0) {
                cancel();
                downstream.onFailure(Subscriptions.getInvalidRequestException());
                return;
            }
            Flow.Subscription open;
            synchronized (this) {
                open = second;
                if (open == null) {
                    requested = Subscriptions.add(requested, count);
                }
            }
            if (open != null) {
                open.request(count);
            }
        }

        @Override
        public void cancel() {
            Cancellable waiting;
            Flow.Subscription open;
            synchronized (this) {
                cancelled = true;
                waiting = first;
                open = second;
            }
            if (waiting != null) {
                waiting.cancel();
            }
            if (open != null) {
                open.cancel();
            }
        }

        @Override
        public void onItem(O item) {
            if (!cancelled) {
                downstream.onItem(item);
            }
        }

        @Override
        public void onFailure(Throwable failure) {
            if (!cancelled) {
                downstream.onFailure(failure);
            }
        }

        @Override
        public void onCompletion() {
            if (!cancelled) {
                downstream.onCompletion();
            }
        }

        @Override
        public Context context() {
            return context;
        }
    }
}
