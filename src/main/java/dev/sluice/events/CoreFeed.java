package dev.sluice.events;

import dev.sluice.flow.RunOnce;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubjectSet;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.Subscriptions.DeferredSubscription;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * A core subscription and all its subscribers. Messages wait in the bounded buffer of the subscription until the first
 * subscriber has joined, because a member of a queue group has taken them away from the other members.
 */
final class CoreFeed implements SharedFeeds.Feed, MultiSubscriber<InboundMessage> {
    private static final Logger LOG = Logger.getLogger(CoreFeed.class);

    private final SubjectSet subjects;
    private final Function<FeedHub, Multi<InboundMessage>> source;
    private final Consumer<CoreFeed> onEnd;
    private final FeedHub hub;
    private final DeferredSubscription subscription = new DeferredSubscription();
    private final Runnable request;

    /**
     * @param source returns the messages; its argument observes the subscription
     * @param onEnd run when the subscription has failed
     * @param requesting executor that requests the messages and receives those that waited; not an event loop, whose
     *     clients would receive nothing meanwhile
     */
    CoreFeed(
            SubjectSet subjects,
            Function<FeedHub, Multi<InboundMessage>> source,
            EventsConfig config,
            FilterWorkers workers,
            Consumer<CoreFeed> onEnd,
            Executor requesting) {
        this.subjects = subjects;
        this.source = source;
        this.onEnd = onEnd;
        this.request = new RunOnce(() -> requesting.execute(() -> subscription.request(Long.MAX_VALUE)));
        this.hub = new FeedHub(config, workers, () -> {});
    }

    FeedHub hub() {
        return hub;
    }

    @Override
    public void begin() {
        source.apply(hub).subscribe().withSubscriber(this);
    }

    /** Requests the messages, once. Call it after a subscriber has joined the hub. */
    void request() {
        request.run();
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
        onEnd.accept(this);
        hub.denied(failure);
    }

    /** Never called: a subscription does not end by itself. */
    @Override
    public void onCompletion() {}
}
