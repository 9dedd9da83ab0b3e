package dev.sluice.events;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.AsyncSemaphore;
import dev.sluice.stream.replay.FellBehindException;
import dev.sluice.stream.replay.Gap;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.Selection;
import dev.sluice.stream.replay.StreamMessage;
import dev.sluice.stream.replay.StreamRecreatedException;
import dev.sluice.stream.replay.StreamState;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows one epoch of a stream for all its watchers. A slow client does not slow it down, but a crowded event loop
 * does: then no messages are requested, and they wait in the stream.
 *
 * <p>The feed of a quiet subject advances also without messages, before its stream removes the place where it is. A client
 * that resumes there could not be told whether something of its own was removed.
 */
final class StreamFeed implements SharedFeeds.Feed, MultiSubscriber<StreamMessage> {
    private static final Logger LOG = Logger.getLogger(StreamFeed.class);
    /** Maximum number of messages requested and not received yet; topped up when half of them have arrived. */
    private static final int DEMAND = 512;

    private final Selection selection;
    private final Replay replay;
    private final FeedHub hub;
    private final Consumer<StreamFeed> whenOver;
    private final Connectivity connectivity;
    private final Runnable unobserve;
    private volatile EventId reached;
    private volatile @Nullable End end;
    private StreamState seen;
    /** Guards the order of what is published: the head, and what is handed to the hub. */
    private final Object publishing = new Object();

    private final AtomicBoolean advancing = new AtomicBoolean();
    private final AsyncSemaphore advances;
    private volatile @Nullable Quiet quiet;

    private Flow.@Nullable Subscription subscription;
    private int requested;
    private boolean cancelled;

    /** Reason why the feed has ended. */
    enum End {
        /** The stream was recreated; the new epoch must be read from its beginning. */
        RECREATED,
        /** Keys were removed from a bucket without a marker; the watchers need its present state. */
        PURGED,
        /** Messages were removed before the feed received them. Each client learns from the stream which ones. */
        BEHIND,
        /**
         * The stream is gone, stores other subjects now, or is denied. A client that reconnects is served by what
         * exists then.
         */
        NOT_SERVED
    }

    /**
     * @param position position to start from: after the last message that was stored when it was located
     * @param advances bounds the feeds that ask whether they can advance
     * @param whenOver run when the feed has ended by itself
     */
    StreamFeed(
            ReplayPosition position,
            Replay replay,
            EventsConfig config,
            FilterWorkers workers,
            AsyncSemaphore advances,
            Consumer<StreamFeed> whenOver) {
        this.selection = position.selection();
        this.replay = replay;
        this.seen = position.found();
        this.reached = new EventId(selection.epoch(), position.end(), position.endTime());
        this.advances = advances;
        this.whenOver = whenOver;
        this.hub = new FeedHub(config, workers, this::ask);
        this.connectivity = new Connectivity(hub);
        this.unobserve = replay.observe(connectivity.link());
    }

    @Override
    public void begin() {
        EventId start = reached;
        replay.follow(selection, start.sequence(), start.time(), connectivity.stream())
                .subscribe()
                .withSubscriber(this);
    }

    /** Returns why the feed ended; null if it has not. */
    @Nullable
    End end() {
        return end;
    }

    String stream() {
        return selection.stream();
    }

    /** Returns a handler for a state of the stream that is requested after this call. */
    Look look() {
        return new Look(reached);
    }

    /**
     * Handles a state of the stream: ends the feed if its stream does not exist any more, and records whether JetStream
     * answers.
     */
    final class Look {
        private final EventId before;

        private Look(EventId before) {
            this.before = before;
        }

        void answered(StreamState now) {
            try {
                selection.check(now, before.sequence(), before.time());
                connectivity.answered(true);
                if (!selection.coveredBy(now)) {
                    LOG.infof("The stream %s no longer stores %s", selection.stream(), selection.subjects());
                    over(End.NOT_SERVED);
                } else if (selection.ofStore()) {
                    reportRemovals(now);
                } else if (reached.equals(before)) {
                    quiet(before, now);
                }
            } catch (StreamRecreatedException recreated) {
                onCompletion();
            } catch (SluiceException doubtful) {
                unanswered();
            }
        }

        /** Records that there was no answer; ignored if messages have arrived since. */
        void unanswered() {
            connectivity.answered(!reached.equals(before));
        }
    }

    /**
     * Advances to the end that an earlier look has found. A message up to there had the time between two looks to arrive, so
     * that none is on its way when the stream is asked.
     */
    private void quiet(EventId place, StreamState now) {
        Quiet earlier = quiet;
        quiet = new Quiet(place, now);
        if (earlier != null
                && earlier.place.equals(place)
                && now.first() <= place.sequence() + 1
                && inOlderHalf(place, now)) {
            advance(place, earlier.state);
        }
    }

    /** The state of the stream at a look before which nothing has come after {@code place}. */
    private record Quiet(EventId place, StreamState state) {}

    private static boolean inOlderHalf(EventId place, StreamState now) {
        return place.sequence() - now.first() < (now.last() - now.first()) / 2;
    }

    /** Advances to the end of the stream if it has nothing of this feed after {@code before}. */
    private void advance(EventId before, StreamState now) {
        if (advancing.compareAndSet(false, true)) {
            advances.withPermit(replay.nothingUpTo(selection, before.sequence(), now.last()))
                    .onTermination()
                    .invoke(() -> advancing.set(false))
                    .subscribe()
                    .with(
                            nothing -> {
                                if (nothing) {
                                    advanced(before, new EventId(selection.epoch(), now.last(), now.lastTime()));
                                }
                            },
                            failure ->
                                    LOG.debugf("%s was not looked at: %s", selection.stream(), failure.getMessage()));
        }
    }

    private void advanced(EventId before, EventId after) {
        synchronized (publishing) {
            if (reached.equals(before)) {
                reached = after;
                hub.reached(after);
            }
        }
    }

    /** Compares the state of the stream with the earlier one; nothing else shows that a key has lost its last message. */
    private void reportRemovals(StreamState now) {
        StreamState before;
        synchronized (this) {
            before = seen;
            if (now.last() < before.last()) {
                return;
            }
            seen = now;
        }
        Optional<Gap> removed = now.removedSince(before);
        removed.ifPresent(hub::removed);
        if (removed.isEmpty() && selection.countable(now) && now.purgedSince(before)) {
            LOG.infof("Keys of %s were removed without a marker", selection.stream());
            over(End.PURGED);
        }
    }

    /** Ends the feed because its stream is gone. */
    void gone() {
        LOG.infof("The stream %s no longer exists", selection.stream());
        over(End.NOT_SERVED);
    }

    FeedHub hub() {
        return hub;
    }

    /** Returns the last sequence that was, or is being, handed to the subscribers. */
    long head() {
        return reached.sequence();
    }

    /** Returns the id of the message at the {@link #head}. */
    EventId reached() {
        return reached;
    }

    @Override
    public void close() {
        unobserve.run();
        Flow.Subscription open;
        synchronized (this) {
            cancelled = true;
            open = subscription;
        }
        if (open != null) {
            open.cancel();
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription toStream) {
        boolean late;
        synchronized (this) {
            subscription = toStream;
            late = cancelled;
        }
        if (late) {
            toStream.cancel();
        } else {
            ask();
        }
    }

    @Override
    public void onItem(StreamMessage recorded) {
        EventId id = EventId.of(selection, recorded);
        synchronized (publishing) {
            if (id.sequence() > reached.sequence()) {
                reached = id;
            }
            if (selection.wants(recorded.message().subject())) {
                hub.publish(recorded.message(), recorded.time(), id);
            }
        }
        synchronized (this) {
            requested--;
        }
        ask();
    }

    @Override
    public void onFailure(Throwable failure) {
        if (failure instanceof FellBehindException) {
            over(End.BEHIND);
        } else {
            LOG.warnf("The feed of %s ended: %s", selection.stream(), failure.getMessage());
            over(End.NOT_SERVED, () -> hub.denied(failure));
        }
    }

    @Override
    public void onCompletion() {
        LOG.infof("The stream %s was recreated", selection.stream());
        over(End.RECREATED);
    }

    private void over(End why) {
        over(why, hub::over);
    }

    /** Ends the feed once. Called from any thread. */
    private void over(End why, Runnable tell) {
        synchronized (this) {
            if (end != null) {
                return;
            }
            end = why;
        }
        whenOver.accept(this);
        close();
        tell.run();
    }

    /** Requests messages if there is room. Called from any thread. */
    private void ask() {
        Flow.Subscription open;
        int more;
        synchronized (this) {
            open = subscription;
            more = DEMAND - requested;
            if (open == null || cancelled || more < DEMAND / 2 || hub.crowded()) {
                return;
            }
            requested = DEMAND;
        }
        open.request(more);
    }
}
