package dev.sluice.stream.pull;

import dev.sluice.flow.BufferBounds;
import dev.sluice.flow.HotMulti;
import dev.sluice.flow.Overflow;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import io.smallrye.mutiny.Multi;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.LongAdder;

/**
 * Subscribes to existing push consumers. With flow control, a flow control request is answered after the subscriber has
 * taken all earlier messages. Without flow control, the buffer is bounded and an {@link Overflow} policy applies. New
 * code should use {@link PullSubscriptions}.
 *
 * <p>The {@code Multi} never completes, and waits while NATS is disconnected. A subscriber with demand is called on a
 * thread of the connection and must not block it. Messages that were in flight at cancellation, or were dropped, are
 * redelivered after the consumer's ack wait if it expects acks.
 */
@Singleton
public final class PushSubscriptions implements AutoCloseable {
    private final NatsLink link;
    private final PushConfig config;
    private final PullContext context;
    private final LongAdder dropped = new LongAdder();

    @Inject
    public PushSubscriptions(NatsLinks links, JetStreamApis jetStream, PushConfig config, PullConfig pullConfig) {
        this(links.consuming(), jetStream.consuming(pullConfig.apiTimeout()), config, pullConfig);
    }

    PushSubscriptions(NatsLink link, JetStreamApi api, PushConfig config, PullConfig pullConfig) {
        this.link = link;
        this.config = config;
        this.context = PullContext.of(link, api, pullConfig);
    }

    /** As {@link #subscribe(ConsumerRef, Overflow)}; a slow subscriber fails {@code OVERFLOW}. */
    public Multi<Delivery> subscribe(ConsumerRef ref) {
        return subscribe(ref, Overflow.FAIL);
    }

    /**
     * Emits the deliveries of the consumer, shared with the other members of its deliver group, if any. Fails
     * {@code NO_CONSUMER} or {@code NO_STREAM} if it does not exist or is deleted. A deletion is noticed by silence:
     * three missed heartbeats, or five seconds without heartbeats. Fails {@code INVALID} if it is not a push consumer,
     * or if it has flow control, which must not lose messages, and the policy drops messages.
     */
    public Multi<Delivery> subscribe(ConsumerRef ref, Overflow overflow) {
        BufferBounds<PushSignal> bounds = new BufferBounds<>(
                config.bufferMessages(),
                config.bufferSize().asLongValue(),
                overflow,
                PushSignal::size,
                dropped::increment);
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

    /** Returns the counters of all subscriptions: deliveries, missed heartbeats, unreadable messages, unsent acks. */
    public PullCounters counters() {
        return context.counters();
    }

    /** Returns the number of messages dropped by overflow policies, over all subscriptions. */
    public long dropped() {
        return dropped.sum();
    }

    @PreDestroy
    @Override
    public void close() {
        context.ticker().close();
    }
}
