package dev.sluice.stream.pull;

import dev.sluice.flow.ContextExecutor;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.ConsumerRef;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.operators.AbstractMulti;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.Supplier;

/**
 * JetStream consumers as {@code Multi}. Demand is the only clock: the server is asked for what downstream requested and
 * has not got yet, never for more, so back-pressure reaches from the last subscriber to the stream.
 *
 * <p>Each subscription to such a {@code Multi} pulls on its own; many may share one consumer, here or in other
 * processes, and then share its messages. The {@code Multi} never completes. It waits while NATS is away and goes on
 * within milliseconds of a reconnect. Items and signals come on the Vert.x context that was current at subscription,
 * else on Mutiny's default executor, never on a thread of the connection.
 *
 * <p>Cancelling gives back what came and was not delivered, as soon as the server has let go of the open pulls: at once, or
 * within two seconds. What was delivered can still be settled.
 */
@Singleton
public final class PullSubscriptions implements AutoCloseable {
    private final PullContext context;
    private final PullOptions options;

    @Inject
    public PullSubscriptions(NatsLinks links, PullConfig config) {
        this(links.consuming(), config);
    }

    PullSubscriptions(NatsLink link, PullConfig config) {
        this.options = PullOptions.of(config);
        this.context = PullContext.of(link, config);
        context.ticker().onTick(context.progress()::tick);
    }

    /** The configured options, to derive a subscription's own from. */
    public PullOptions options() {
        return options;
    }

    public PullCounters counters() {
        return context.counters();
    }

    /**
     * Pulls from a consumer that others declared. Fails {@code NO_CONSUMER} or {@code NO_STREAM} when it does not
     * exist or is deleted, {@code CONFLICT} when it is push based.
     */
    public Multi<Delivery> pull(ConsumerRef ref, PullOptions pullOptions) {
        return new Pulling(() -> PullTarget.existing(ref), pullOptions, context);
    }

    /**
     * As {@link #pull(ConsumerRef, PullOptions)}, but a consumer that is missing or deleted is created as defined. With
     * acks that means from the definition's start again. Without acks each subscription has a consumer of its own, which
     * goes when it ends, or after its inactive threshold if NATS is away then. It continues behind the last message that
     * came, also when messages were lost on the way, so that all come once and in order.
     */
    public Multi<Delivery> pull(ConsumerDefinition definition, PullOptions pullOptions) {
        return new Pulling(() -> PullTarget.created(definition), pullOptions, context);
    }

    /**
     * Fetches once, as {@link Fetch} says: each item is what came since the one before, and the end is the end of the
     * fetch. Fails as {@link #pull(ConsumerRef, PullOptions)}; {@code TOO_LARGE} if the next message alone exceeds the
     * bytes that are asked for, {@code OVERLOADED} if too many pulls wait at the consumer.
     */
    public Multi<List<Delivery>> fetch(ConsumerRef ref, FetchRequest request) {
        return new Fetching(ref, request, false, context);
    }

    /** As {@link #fetch}, all at once; what came is given back if nobody wants it any more before it is complete. */
    public Uni<List<Delivery>> fetchWhole(ConsumerRef ref, FetchRequest request) {
        return new Fetching(ref, request, true, context)
                .toUni()
                .onItem()
                .ifNull()
                .continueWith(List::of);
    }

    /** Ends all fetches that wait, with what has come for each; what comes too late is given back. */
    public void endFetches() {
        context.fetches().forEach(Fetch::stop);
    }

    /**
     * As {@link #pull(ConsumerDefinition, PullOptions)} of a consumer without acks, for a subscriber that looks after
     * itself: pulls begin when {@code checkpoint} is passed, and instead of continuing behind the last message the
     * subscription fails as soon as one may be missing, or came that cannot be read. All messages before that failure
     * came once and in order.
     */
    public Multi<Delivery> pull(ConsumerDefinition definition, PullOptions pullOptions, CreationHook checkpoint) {
        return new Pulling(() -> PullTarget.created(definition).passing(checkpoint), pullOptions, context);
    }

    @PreDestroy
    @Override
    public void close() {
        context.ticker().close();
    }

    private static final class Fetching extends AbstractMulti<List<Delivery>> {
        private final ConsumerRef ref;
        private final FetchRequest request;
        private final boolean whole;
        private final PullContext context;

        private Fetching(ConsumerRef ref, FetchRequest request, boolean whole, PullContext context) {
            this.ref = ref;
            this.request = request;
            this.whole = whole;
            this.context = context;
        }

        @Override
        public void subscribe(MultiSubscriber<? super List<Delivery>> downstream) {
            Fetch fetch = new Fetch(ref, request, whole, context, ContextExecutor.executor(), downstream);
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
