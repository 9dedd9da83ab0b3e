package dev.sluice.stream.pull;

import dev.sluice.flow.BufferBounds;
import dev.sluice.flow.HotMulti;
import dev.sluice.flow.Overflow;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.ConsumerRef;
import io.smallrye.mutiny.Multi;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.LongAdder;

/**
 * Push consumers that others declared, as {@code Multi}. The server sends on its own; its flow control, where the
 * consumer has it, holds it back: a request for it is answered when the subscriber has taken all that came before. Without
 * flow control what waits is bounded, and an {@link Overflow} policy says what gives way. New code pulls, see
 * {@link PullSubscriptions}.
 *
 * <p>The {@code Multi} never completes and waits while NATS is away. A subscriber that has demand is called on a thread of
 * the connection and must not block it. What was under way when it cancels, or was dropped, comes again after the
 * consumer's ack wait, if it takes acks.
 */
@Singleton
public final class PushSubscriptions implements AutoCloseable {
    private final NatsLink link;
    private final PushConfig config;
    private final PullContext context;
    private final LongAdder dropped = new LongAdder();

    @Inject
    public PushSubscriptions(NatsLinks links, PushConfig config, PullConfig pullConfig) {
        this(links.consuming(), config, pullConfig);
    }

    PushSubscriptions(NatsLink link, PushConfig config, PullConfig pullConfig) {
        this.link = link;
        this.config = config;
        this.context = PullContext.of(link, pullConfig);
    }

    /** As {@link #subscribe(ConsumerRef, Overflow)}; a subscriber that falls behind fails {@code OVERFLOW}. */
    public Multi<Delivery> subscribe(ConsumerRef ref) {
        return subscribe(ref, Overflow.FAIL);
    }

    /**
     * What the consumer delivers, shared with the other members of its deliver group if it has one. Fails
     * {@code NO_CONSUMER} or {@code NO_STREAM} when it does not exist or is deleted, which its silence tells: three missing heartbeats,
     * or five seconds where it has none; {@code INVALID} when it is no push consumer, or has flow control, which must not
     * lose a message, and a policy that drops.
     */
    public Multi<Delivery> subscribe(ConsumerRef ref, Overflow overflow) {
        BufferBounds<PushSignal> bounds = new BufferBounds<>(
                config.bufferMessages(), config.bufferSize().asLongValue(), overflow, PushSignal::size, dropped);
        return HotMulti.<PushSignal>of(bounds, sink -> {
                    PushSession session = new PushSession(ref, overflow, context, sink);
                    Runnable stopTicking = context.ticker().onTick(session::tick);
                    Runnable stopListening = link.listen(session);
                    return () -> {
                        stopTicking.run();
                        stopListening.run();
                        session.close();
                    };
                })
                .filter(PushSignal::taken)
                .map(signal -> ((PushSignal.Delivered) signal).delivery());
    }

    /** Deliveries, missed heartbeats, and what could not be read or sent, over all subscriptions. */
    public PullCounters counters() {
        return context.counters();
    }

    /** Messages that an overflow policy dropped, over all subscriptions. */
    public long dropped() {
        return dropped.sum();
    }

    @PreDestroy
    @Override
    public void close() {
        context.ticker().close();
    }
}
