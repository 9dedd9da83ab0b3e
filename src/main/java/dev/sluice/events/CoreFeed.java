package dev.sluice.events;

import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubjectSet;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.Subscriptions.DeferredSubscription;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * A core subscription and all its watchers. Messages wait in the bounded buffer of the subscription until the first
 * watcher has joined, because a member of a queue group has taken them away from the other members.
 */
final class CoreFeed implements SharedFeeds.Feed, MultiSubscriber<InboundMessage> {
    private static final Logger LOG = Logger.getLogger(CoreFeed.class);

    private final SubjectSet subjects;
    private final Function<FeedHub, Multi<InboundMessage>> source;
    private final Consumer<CoreFeed> whenOver;
    private final Executor requesting;
    private final FeedHub hub;
    private final DeferredSubscription subscription = new DeferredSubscription();
    private final AtomicBoolean flowing = new AtomicBoolean();

    /**
     * @param source returns the messages; its argument observes the subscription
     * @param whenOver run when the subscription has failed
     * @param requesting requests the messages, and is given those that waited: no event loop, which would give nothing to
     *     its clients meanwhile
     */
    CoreFeed(
            SubjectSet subjects,
            Function<FeedHub, Multi<InboundMessage>> source,
            EventsConfig config,
            FilterWorkers workers,
            Consumer<CoreFeed> whenOver,
            Executor requesting) {
        this.subjects = subjects;
        this.source = source;
        this.whenOver = whenOver;
        this.requesting = requesting;
        this.hub = new FeedHub(config, workers, () -> {});
    }

    FeedHub hub() {
        return hub;
    }

    @Override
    public void begin() {
        source.apply(hub).subscribe().withSubscriber(this);
    }

    /** Requests the messages. Call it after a watcher has joined the hub. */
    void flow() {
        if (flowing.compareAndSet(false, true)) {
            requesting.execute(() -> subscription.request(Long.MAX_VALUE));
        }
    }

    @Override
    public void close() {
        subscription.cancel();
    }

    @Override
    public void onSubscribe(Flow.Subscription toSubjects) {
        subscription.set(toSubjects);
    }

    @Override
    public void onItem(InboundMessage message) {
        hub.publish(message, Instant.now().truncatedTo(ChronoUnit.MILLIS), null);
    }

    @Override
    public void onFailure(Throwable failure) {
        LOG.debugf("The feed of %s ended: %s", subjects, failure.getMessage());
        whenOver.accept(this);
        hub.denied(failure);
    }

    /** Never called: a subscription does not end by itself. */
    @Override
    public void onCompletion() {}
}
