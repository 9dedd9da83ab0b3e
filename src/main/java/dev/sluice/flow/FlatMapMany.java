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
        if (!continuation.isCancelled()) {
            continuation.follow(uni.subscribe().with(context, continuation::begin, continuation::onFailure));
        }
    }

    /** The subscription of the subscriber: deferred until the {@code Multi} has one. */
    private final class Continuation extends Subscriptions.DeferredSubscription
            implements MultiSubscriber<O>, ContextSupport {
        private final MultiSubscriber<? super O> downstream;
        private final Context context;
        private volatile @Nullable Cancellable first;

        Continuation(MultiSubscriber<? super O> downstream, Context context) {
            this.downstream = downstream;
            this.context = context;
        }

        @Override
        protected boolean isCancelled() {
            return super.isCancelled();
        }

        void follow(Cancellable subscription) {
            first = subscription;
            if (isCancelled()) {
                subscription.cancel();
            }
        }

        void begin(I item) {
            if (isCancelled()) {
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
            set(subscription);
        }

        @Override
        public void request(long count) {
            if (count > 0) {
                super.request(count);
            } else if (!isCancelled()) {
                cancel();
                downstream.onFailure(Subscriptions.getInvalidRequestException());
            }
        }

        @Override
        public void cancel() {
            super.cancel();
            Cancellable waiting = first;
            if (waiting != null) {
                waiting.cancel();
            }
        }

        @Override
        public void onItem(O item) {
            if (!isCancelled()) {
                downstream.onItem(item);
            }
        }

        @Override
        public void onFailure(Throwable failure) {
            if (!isCancelled()) {
                downstream.onFailure(failure);
            }
        }

        @Override
        public void onCompletion() {
            if (!isCancelled()) {
                downstream.onCompletion();
            }
        }

        @Override
        public Context context() {
            return context;
        }
    }
}
