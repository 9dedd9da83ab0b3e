package dev.sluice.nats;

import dev.sluice.flow.Backoff;
import dev.sluice.flow.BufferBounds;
import dev.sluice.flow.HotMulti;
import dev.sluice.flow.Overflow;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;

/**
 * Core NATS subscriptions as {@code Multi}: live, at most once. Messages published while NATS is unreachable or nothing
 * is subscribed are lost.
 *
 * <p>All subscriptions share a few dispatcher threads, whose handlers only add messages to the bounded buffer of each
 * subscriber. A subscriber with demand is called on the dispatcher thread and must not block it. What waits for the
 * thread is limited like the buffer of a subscriber.
 */
@Singleton
public final class CoreSubscriptions {
    private static final Logger LOG = Logger.getLogger(CoreSubscriptions.class);
    /** Pause after which Sluice makes a subscription of its own again that the server has denied. */
    static final Duration BETWEEN_TRIES = Duration.ofSeconds(15);

    private static final Backoff RETRIES = new Backoff(BETWEEN_TRIES, BETWEEN_TRIES);

    private final NatsLink link;
    private final SubscribeConfig config;
    private final AtomicInteger opened = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    private final Dispatchers dispatchers;

    @Inject
    public CoreSubscriptions(NatsLinks links, SubscribeConfig config) {
        this(links.consuming(), config);
    }

    CoreSubscriptions(NatsLink link, SubscribeConfig config) {
        this.link = link;
        this.config = config;
        this.dispatchers = new Dispatchers(config.dispatchers());
    }

    /** Subscribes to {@code pattern}. A subscriber that is too slow fails with {@code OVERFLOW}. */
    public Multi<InboundMessage> subscribe(SubjectPattern pattern) {
        return subscribe(SubjectSet.of(List.of(pattern)), Optional.empty(), Overflow.FAIL, SubscriptionObserver.NONE);
    }

    /**
     * Subscribes to {@code subjects}. Emits each message once, even if patterns overlap. Fails with {@code FORBIDDEN}
     * if the server denies Sluice's own user one of the subscriptions, or revokes the permission later, and with
     * {@code LIMIT_REACHED} if the subscription limit of the server is reached.
     *
     * @param queueGroup the queue group; NATS delivers each message to one of its members
     * @param overflow the policy if the subscriber is too slow
     * @param observer the observer that is notified when the server has the subscription and when it is lost
     */
    public Multi<InboundMessage> subscribe(
            SubjectSet subjects, Optional<String> queueGroup, Overflow overflow, SubscriptionObserver observer) {
        BufferBounds<InboundMessage> bounds = new BufferBounds<>(
                config.bufferMessages(), config.bufferSize().asLongValue(), overflow, InboundMessage::size, () -> {
                    dropped.increment();
                    observer.dropped();
                });
        return HotMulti.of(bounds, sink -> {
            int number = opened.getAndIncrement();
            CoreSubscription subscription = new CoreSubscription(
                    subjects,
                    queueGroup,
                    sink,
                    observer,
                    connection -> dispatchers.of(connection, number),
                    link.threads(),
                    Infrastructure.getDefaultExecutor(),
                    DispatcherLimits.of(bounds),
                    () -> link.notUnsubscribed(queueGroup.isPresent()));
            Runnable stopListening = link.listen(subscription);
            return () -> {
                stopListening.run();
                subscription.close();
            };
        });
    }

    /**
     * As {@link #subscribe(SubjectSet, Optional, Overflow, SubscriptionObserver)} with the policy {@code DROP_OLDEST}, for
     * a subscription of Sluice itself. It does not fail: if the server denies it, it is made again about every
     * {@link #BETWEEN_TRIES}, because nothing tells when the permission is granted or there is room.
     */
    public Multi<InboundMessage> subscribePermanently(
            SubjectSet subjects, Optional<String> queueGroup, SubscriptionObserver observer) {
        AtomicBoolean warned = new AtomicBoolean();
        return RETRIES.resubscribed(subscribe(
                        subjects,
                        queueGroup,
                        Overflow.DROP_OLDEST,
                        new AlsoWhenActive(observer, () -> warned.set(false)))
                .onFailure()
                .invoke(denied -> LOG.logf(
                        warned.getAndSet(true) ? Logger.Level.DEBUG : Logger.Level.WARN,
                        "No messages of %s, trying again about every %d s: %s",
                        subjects.patterns(),
                        BETWEEN_TRIES.toSeconds(),
                        denied.getMessage())));
    }

    /** Also runs an action when the subscription is active. */
    private record AlsoWhenActive(SubscriptionObserver observer, Runnable action) implements SubscriptionObserver {
        @Override
        public void active() {
            action.run();
            observer.active();
        }

        @Override
        public void dropped() {
            observer.dropped();
        }

        @Override
        public void interrupted() {
            observer.interrupted();
        }
    }

    /** Returns the number of messages dropped by overflow policies, over all subscriptions. */
    public long dropped() {
        return dropped.sum();
    }
}
