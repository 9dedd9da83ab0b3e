package dev.sluice.nats;

import dev.sluice.flow.BufferBounds;
import dev.sluice.flow.HotMulti;
import dev.sluice.flow.Overflow;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.smallrye.mutiny.Multi;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Core NATS subscriptions as {@code Multi}: live, at most once. A message that comes while NATS is away, or while nobody
 * is subscribed, is not seen.
 *
 * <p>All subscriptions share a few dispatcher threads, whose handlers only put messages into each subscriber's bounded
 * buffer. A subscriber that has demand is called on that dispatcher thread and must not block it.
 */
@Singleton
public final class CoreSubscriptions {
    private final NatsLink link;
    private final SubscribeConfig config;
    private final AtomicInteger opened = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();

    private @Nullable Connection dispatching;
    private List<Dispatcher> dispatchers = List.of();

    @Inject
    public CoreSubscriptions(NatsLinks links, SubscribeConfig config) {
        this(links.consuming(), config);
    }

    CoreSubscriptions(NatsLink link, SubscribeConfig config) {
        this.link = link;
        this.config = config;
    }

    /** Every message on {@code pattern}; a subscriber that falls behind fails {@code OVERFLOW}. */
    public Multi<InboundMessage> subscribe(SubjectPattern pattern) {
        return subscribe(SubjectSet.of(List.of(pattern)), Optional.empty(), Overflow.FAIL, SubscriptionObserver.NONE);
    }

    /**
     * Every message on {@code subjects}, each once even where patterns overlap. Fails {@code FORBIDDEN} where the server
     * does not let our own user subscribe to one of them, also when it takes the permission away later, and
     * {@code LIMIT_REACHED} where there are as many subscriptions as it allows.
     *
     * @param queueGroup NATS gives each message to one member of the group
     * @param overflow what gives way when the subscriber falls behind
     * @param observer is told when the server has the subscription and when it is lost
     */
    public Multi<InboundMessage> subscribe(
            SubjectSet subjects, Optional<String> queueGroup, Overflow overflow, SubscriptionObserver observer) {
        BufferBounds<InboundMessage> bounds = new BufferBounds<>(
                config.bufferMessages(), config.bufferSize().asLongValue(), overflow, InboundMessage::size, dropped);
        return HotMulti.of(bounds, sink -> {
            int number = opened.getAndIncrement();
            CoreSubscription subscription = new CoreSubscription(
                    subjects,
                    queueGroup,
                    sink,
                    observer,
                    connection -> dispatcher(connection, number),
                    link.threads()::run);
            Runnable unlisten = link.listen(subscription);
            return () -> {
                unlisten.run();
                subscription.close();
            };
        });
    }

    /** Messages that an overflow policy dropped, over all subscriptions. */
    public long dropped() {
        return dropped.sum();
    }

    /** The dispatcher for the {@code index}th subscription; a connection that replaced a closed one gets new ones. */
    private synchronized Dispatcher dispatcher(Connection connection, int index) {
        if (dispatching != connection) {
            List<Dispatcher> fresh = new ArrayList<>();
            for (int i = 0; i < config.dispatchers(); i++) {
                Dispatcher dispatcher = connection.createDispatcher();
                dispatcher.setPendingLimits(0, 0);
                fresh.add(dispatcher);
            }
            dispatchers = List.copyOf(fresh);
            dispatching = connection;
        }
        return dispatchers.get(Math.floorMod(index, dispatchers.size()));
    }
}
