package dev.sluice.stream.pull;

import dev.sluice.flow.BufferBounds;
import dev.sluice.flow.HotMulti;
import dev.sluice.flow.Overflow;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import io.smallrye.mutiny.Multi;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.LongAdder;

/**
 * Push consumers that others declared, as {@code Multi}. The server sends on its own; only its flow control, where the
 * consumer has it, holds it back: a request for it is answered when the subscriber has taken all that came before. New
 * code pulls, see {@link PullSubscriptions}.
 *
 * <p>A subscriber that has demand is called on a thread of the connection and must not block it. The {@code Multi} never
 * completes and waits while NATS is away.
 */
@Singleton
public final class PushSubscriptions implements AutoCloseable {
    private final NatsLink link;
    private final JetStreamApi api;
    private final PushConfig config;
    private final PullDispatchers dispatchers;
    private final Ticker ticker = new Ticker();
    private final PullCounters counters = new PullCounters();
    private final LongAdder dropped = new LongAdder();

    @Inject
    public PushSubscriptions(NatsLinks links, PushConfig config, PullConfig pullConfig) {
        this(links.consuming(), config, pullConfig);
    }

    PushSubscriptions(NatsLink link, PushConfig config, PullConfig pullConfig) {
        this.link = link;
        this.config = config;
        api = new JetStreamApi(link, pullConfig.apiPrefix(), pullConfig.apiTimeout());
        dispatchers = new PullDispatchers(pullConfig.dispatchers());
    }

    /**
     * What the consumer delivers, shared with the other members of its deliver group if it has one. Fails
     * {@code NOT_FOUND} when the consumer does not exist or is deleted, which is noticed by its missing heartbeats;
     * {@code INVALID} when it is no push consumer; {@code OVERFLOW} when the subscriber falls behind.
     */
    public Multi<Delivery> subscribe(ConsumerRef ref) {
        BufferBounds<PushSignal> bounds = new BufferBounds<>(
                config.bufferMessages(), config.bufferSize().asLongValue(), Overflow.FAIL, PushSignal::size, dropped);
        return HotMulti.<PushSignal>of(bounds, sink -> {
                    PushSession session = new PushSession(ref, link, api, dispatchers, counters, sink);
                    Runnable stopTicking = ticker.onTick(session::tick);
                    Runnable stopListening = link.listen(session);
                    return () -> {
                        stopTicking.run();
                        stopListening.run();
                        session.close();
                    };
                })
                .filter(PushSignal::handle)
                .map(signal -> ((PushSignal.Delivered) signal).delivery());
    }

    /** Missed heartbeats, deliveries and what could not be read or sent, over all subscriptions. */
    public PullCounters counters() {
        return counters;
    }

    @Override
    @PreDestroy
    public void close() {
        ticker.close();
    }
}
