package dev.sluice.events;

import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubscriptionObserver;
import dev.sluice.stream.replay.Gap;
import io.netty.channel.EventLoop;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * All subscribers of one feed. Clients join and leave on their event loops; the feed's thread publishes.
 *
 * <p>A client that joins receives every message after the head that it reads: a message becomes the head before it is
 * handed to any subscriber.
 */
final class FeedHub implements SubscriptionObserver {
    private static final Logger LOG = Logger.getLogger(FeedHub.class);

    private final EventsConfig config;
    private final FilterWorkers workers;
    private final Runnable beforeRound;
    private final Map<Projection, EncodedFeed> encodedFeeds = new HashMap<>();
    /** Array copy of the encoded feeds for the feed's thread; null if they have changed since. */
    private volatile EncodedFeed @Nullable [] current;

    private volatile byte @Nullable [] status;
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private volatile boolean ended;
    private volatile @Nullable CloseReason denial;
    /** Number of dropped messages that were reported to no subscriber. Guarded by this. */
    private long unreported;

    /**
     * @param workers workers that evaluate the filters
     * @param beforeRound run on an event loop before it sends its collected frames
     */
    FeedHub(EventsConfig config, FilterWorkers workers, Runnable beforeRound) {
        this.config = config;
        this.workers = workers;
        this.beforeRound = beforeRound;
    }

    /**
     * Adds {@code subscriber}. It is notified of the status, of messages that were dropped before anyone had joined, and if
     * the feed has ended or was denied.
     *
     * @param head supplies the sequence of the last published message; called after the client can be reached
     */
    EventLoopFanout join(FeedSubscriber subscriber, Projection projection, EventLoop loop, LongSupplier head) {
        EventLoopFanout fanout = fanout(projection, loop, head);
        fanout.add(subscriber);
        byte[] now = status;
        if (now != null) {
            subscriber.status(now);
        }
        long before = takeUnreported();
        if (before > 0) {
            subscriber.dropped(before);
        }
        if (ended) {
            loop.execute(subscriber::ended);
        }
        CloseReason denied = denial;
        if (denied != null) {
            loop.execute(() -> subscriber.denied(denied));
        }
        return fanout;
    }

    synchronized void leave(FeedSubscriber subscriber, Projection projection, EventLoop loop) {
        EncodedFeed feed = encodedFeeds.get(projection);
        EventLoopFanout fanout = feed == null ? null : feed.find(loop);
        if (feed == null || fanout == null) {
            return;
        }
        fanout.remove(subscriber);
        if (fanout.empty()) {
            feed.fanouts().remove(fanout);
        }
        if (feed.fanouts().isEmpty()) {
            encodedFeeds.remove(projection);
            current = null;
            feed.close();
        }
    }

    /**
     * Publishes a message to all subscribers. Called by the feed's thread. If one encoded feed fails, the message is
     * dropped for its clients; the others receive it.
     *
     * @param id null for a core source
     */
    void publish(InboundMessage message, Instant time, @Nullable EventId id) {
        FeedMessage shared = new FeedMessage(message, time, id);
        for (EncodedFeed feed : encodedFeeds()) {
            try {
                feed.publish(shared);
            } catch (Throwable fault) {
                LOG.errorf(fault, "A message of %s could not be passed to tails", message.subject());
                feed.dropped(1, shared.sequence());
            }
        }
    }

    /** Reports that no message exists between the last published one and {@code id}. Not called during {@link #publish}. */
    void reached(EventId id) {
        for (EncodedFeed feed : encodedFeeds()) {
            feed.reached(id);
        }
    }

    /** Reports a message of a core source that was dropped before it was published. Called by any thread. */
    @Override
    public void dropped() {
        EncodedFeed[] feeds = encodedFeeds();
        if (feeds.length == 0) {
            feeds = keepUnreported();
        }
        for (EncodedFeed feed : feeds) {
            feed.dropped();
        }
    }

    /** Keeps a dropped message for the next subscriber, unless one has joined meanwhile. */
    private synchronized EncodedFeed[] keepUnreported() {
        EncodedFeed[] now = refresh();
        unreported += now.length == 0 ? 1 : 0;
        return now;
    }

    private synchronized long takeUnreported() {
        long taken = unreported;
        unreported = 0;
        return taken;
    }

    /** Returns whether any event loop is crowded. */
    boolean crowded() {
        for (EncodedFeed feed : encodedFeeds()) {
            for (EventLoopFanout fanout : feed.fanouts()) {
                if (fanout.crowded()) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public void active() {
        reportStatus(ControlEvents.CONNECTED);
    }

    @Override
    public void interrupted() {
        reportStatus(ControlEvents.RECONNECTING);
    }

    /** Notifies the subscribers that messages were removed from a bucket. */
    void removed(Gap gap) {
        signalAll(subscriber -> subscriber.removed(gap));
    }

    /** Marks the feed as ended and notifies its subscribers. */
    void ended() {
        ended = true;
        signalAll(FeedSubscriber::ended);
    }

    /** Marks the feed as denied: NATS ended it with {@code failure}. Notifies its subscribers. */
    void denied(Throwable failure) {
        CloseReason reason = CloseReason.after(failure);
        denial = reason;
        begun.completeExceptionally(failure);
        signalAll(subscriber -> subscriber.denied(reason));
    }

    /**
     * Completes when it is known whether the feed is active, on a thread that must not block; fails if NATS denies it.
     * Each caller has a stage of its own: a caller that gives up cancels nothing for the others.
     */
    CompletionStage<Void> begun() {
        return begun.minimalCompletionStage();
    }

    private void reportStatus(byte[] frame) {
        status = frame;
        begun.complete(null);
        signalAll(subscriber -> subscriber.status(frame));
    }

    private void signalAll(Consumer<FeedSubscriber> notification) {
        for (EncodedFeed feed : encodedFeeds()) {
            for (EventLoopFanout fanout : feed.fanouts()) {
                fanout.loop().execute(() -> fanout.signalAll(notification));
            }
        }
    }

    private synchronized EventLoopFanout fanout(Projection projection, EventLoop loop, LongSupplier head) {
        EncodedFeed feed = encodedFeeds.get(projection);
        if (feed == null) {
            feed = new EncodedFeed(projection, workers);
            encodedFeeds.put(projection, feed);
            current = null;
        }
        EventLoopFanout fanout = feed.find(loop);
        if (fanout == null) {
            fanout = new EventLoopFanout(loop, config, beforeRound);
            feed.fanouts().add(fanout);
            fanout.begin(head.getAsLong());
        }
        return fanout;
    }

    private EncodedFeed[] encodedFeeds() {
        EncodedFeed[] known = current;
        return known == null ? refresh() : known;
    }

    private synchronized EncodedFeed[] refresh() {
        EncodedFeed[] now = encodedFeeds.values().toArray(new EncodedFeed[0]);
        current = now;
        return now;
    }
}
