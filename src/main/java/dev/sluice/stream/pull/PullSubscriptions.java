package dev.sluice.stream.pull;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.operators.AbstractMulti;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * Pull subscriptions to JetStream consumers as {@code Multi}. Pulls are driven by demand: the server is asked for the
 * messages that downstream requested and has not received, never for more. So back-pressure extends from the last
 * subscriber to the stream.
 *
 * <p>Each subscription to such a {@code Multi} pulls independently. Several subscriptions, also of other processes, may
 * share one consumer and then share its messages. The {@code Multi} never completes. It waits while NATS is unreachable
 * and continues within milliseconds of a reconnect. Items and signals are emitted on the Vert.x context of the
 * subscribe call, or else on Mutiny's default executor, never on a thread of the connection.
 *
 * <p>Cancelling returns the received, undelivered messages to the consumer when the open pulls have ended: after a few
 * round trips, or within {@link #MAX_LEAVING_TIME} if the consumer does not answer. Delivered messages can still be
 * settled.
 */
@Singleton
public final class PullSubscriptions implements AutoCloseable {
    /** The time within which the pulls of a cancelled subscription, or of an ended fetch, have ended at the latest. */
    public static final Duration MAX_LEAVING_TIME = PullDrain.MAX_DURATION;

    private final PullContext context;
    private final PullOptions options;

    @Inject
    public PullSubscriptions(NatsLinks links, JetStreamApis jetStream, PullConfig config) {
        this(links.consuming(), jetStream.consuming(config.apiTimeout()), config);
    }

    PullSubscriptions(NatsLink link, JetStreamApi api, PullConfig config) {
        this.options = PullOptions.of(config);
        this.context = PullContext.of(link, api, config);
    }

    /** Returns the configured options, from which options of a single subscription can be derived. */
    public PullOptions options() {
        return options;
    }

    public PullCounters counters() {
        return context.counters();
    }

    /**
     * Pulls from an existing consumer. Fails {@code NO_CONSUMER} or {@code NO_STREAM} if it does not exist or is
     * deleted, {@code CONFLICT} if it is push based.
     */
    public Multi<Delivery> pull(ConsumerRef ref, PullOptions pullOptions) {
        return new Pulling(() -> PullTarget.existing(ref), pullOptions, context);
    }

    /**
     * As {@link #pull(ConsumerRef, PullOptions)}, but creates the consumer as defined if it is missing or deleted. A
     * recreated consumer with acks begins at the definition's start again. Without acks each subscription has its own
     * consumer, which is deleted when the subscription ends, or after its inactive threshold if NATS is unreachable
     * then. A recreated consumer without acks starts after the last received message, also if messages were lost in
     * transit, so that all messages are delivered once and in order.
     */
    public Multi<Delivery> pull(ConsumerDefinition definition, PullOptions pullOptions) {
        return new Pulling(() -> PullTarget.created(definition), pullOptions, context);
    }

    /**
     * Fetches once, see {@link Fetch}. Each item holds the deliveries received since the previous item; completion is
     * the end of the fetch. Fails as {@link #pull(ConsumerRef, PullOptions)}; {@code TOO_LARGE} if the next message
     * alone exceeds the requested bytes, {@code OVERLOADED} if too many pulls are open at the consumer.
     *
     * @param check completes if the stream may be read; runs while the consumer is looked up. Nothing is pulled before
     *     it completes, and its failure is the failure of the fetch
     * @param takePermit called at each subscription, which fails with its exception; returns an action that runs when the
     *     fetch has ended and its pull too, also after a cancellation, and everything was emitted
     */
    public Multi<List<Delivery>> fetch(
            ConsumerRef ref, FetchRequest request, Uni<Void> check, Supplier<Runnable> takePermit) {
        return new Fetching(ref, request, check, false, context, takePermit);
    }

    /** As {@link #fetch}, with all deliveries in one list. Cancelling before the end returns them to the consumer. */
    public Uni<List<Delivery>> fetchWhole(
            ConsumerRef ref, FetchRequest request, Uni<Void> check, Supplier<Runnable> takePermit) {
        return new Fetching(ref, request, check, true, context, takePermit)
                .toUni()
                .onItem()
                .ifNull()
                .continueWith(List::of);
    }

    /** As {@link #fetch(ConsumerRef, FetchRequest, Uni, Supplier)}, without a check and a limit. */
    public Multi<List<Delivery>> fetch(ConsumerRef ref, FetchRequest request) {
        return fetch(ref, request, Uni.createFrom().voidItem(), () -> () -> {});
    }

    /** As {@link #fetchWhole(ConsumerRef, FetchRequest, Uni, Supplier)}, without a check and a limit. */
    public Uni<List<Delivery>> fetchWhole(ConsumerRef ref, FetchRequest request) {
        return fetchWhole(ref, request, Uni.createFrom().voidItem(), () -> () -> {});
    }

    /** Ends all waiting fetches with the deliveries received so far, within {@link #MAX_LEAVING_TIME}. */
    public void endFetches() {
        context.fetches().forEach(Fetch::stop);
    }

    /**
     * As {@link #pull(ConsumerDefinition, PullOptions)} of a consumer without acks, for a subscriber that recovers
     * itself. Pulls start after {@code creationHook} completes. The consumer is not recreated after a gap: the
     * subscription fails as soon as a message may be missing or cannot be read. All messages before the failure are
     * delivered once and in order.
     */
    public Multi<Delivery> pull(ConsumerDefinition definition, PullOptions pullOptions, CreationHook creationHook) {
        return new Pulling(() -> PullTarget.created(definition).calling(creationHook), pullOptions, context);
    }

    @PreDestroy
    @Override
    public void close() {
        context.ticker().close();
    }

    private static final class Fetching extends AbstractMulti<List<Delivery>> {
        private final ConsumerRef ref;
        private final FetchRequest request;
        private final Uni<Void> check;
        private final boolean whole;
        private final PullContext context;
        private final Supplier<Runnable> takePermit;

        private Fetching(
                ConsumerRef ref,
                FetchRequest request,
                Uni<Void> check,
                boolean whole,
                PullContext context,
                Supplier<Runnable> takePermit) {
            this.ref = ref;
            this.request = request;
            this.check = check;
            this.whole = whole;
            this.context = context;
            this.takePermit = takePermit;
        }

        @Override
        public void subscribe(MultiSubscriber<? super List<Delivery>> downstream) {
            Runnable onEnd;
            try {
                onEnd = takePermit.get();
            } catch (SluiceException full) {
                Subscriptions.fail(downstream, full);
                return;
            }
            Fetch fetch = new Fetch(ref, request, check, whole, context, ContextExecutor.executor(), downstream, onEnd);
            downstream.onSubscribe(fetch);
            fetch.begin();
        }
    }

    private static final class Pulling extends AbstractMulti<Delivery> {
        private final Supplier<PullTarget> target;
        private final PullOptions options;
        private final PullContext context;

        private Pulling(Supplier<PullTarget> target, PullOptions options, PullContext context) {
            this.target = target;
            this.options = options;
            this.context = context;
        }

        @Override
        public void subscribe(MultiSubscriber<? super Delivery> downstream) {
            PullSession session =
                    new PullSession(target.get(), options, context, ContextExecutor.executor(), downstream);
            downstream.onSubscribe(session);
            session.begin();
        }
    }
}
