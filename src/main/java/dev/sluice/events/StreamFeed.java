package dev.sluice.events;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.AsyncSemaphore;
import dev.sluice.stream.replay.FellBehindException;
import dev.sluice.stream.replay.Gap;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.Selection;
import dev.sluice.stream.replay.StreamMessage;
import dev.sluice.stream.replay.StreamRecreatedException;
import dev.sluice.stream.replay.StreamSource;
import dev.sluice.stream.replay.StreamState;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows one epoch of a stream for all its subscribers. A slow client does not slow it down, but a crowded event loop
 * does: then no messages are requested, and they wait in the stream.
 *
 * <p>The position also advances while the subjects are quiet. Otherwise the stream could remove it, and a client that
 * resumes there could not learn whether it missed anything.
 */
final class StreamFeed implements SharedFeeds.Feed, MultiSubscriber<StreamMessage> {
    private static final Logger LOG = Logger.getLogger(StreamFeed.class);
    /** Maximum number of messages requested and not received yet; topped up when half of them have arrived. */
    private static final int DEMAND = 512;

    private final Selection selection;
    private final StreamSource replay;
    private final FeedHub hub;
    private final Consumer<StreamFeed> onEnd;
    private final Connectivity connectivity;
    private final Runnable unobserve;
    private volatile EventId reached;
    private volatile @Nullable End end;
    /** The latest state of the stream. Guarded by this. */
    private StreamState lastState;
    /** Guards the order of what is published: the head, and what is handed to the hub. */
    private final Object publishing = new Object();

    private final AtomicBoolean advancing = new AtomicBoolean();
    private final AsyncSemaphore advances;
    private volatile @Nullable QuietState quiet;

    private Flow.@Nullable Subscription subscription;
    private int requested;
    private boolean cancelled;

    /** Reason why the feed has ended. */
    enum End {
        /** The stream was recreated; the new epoch must be read from its beginning. */
        RECREATED,
        /** Keys were removed from a bucket without a marker; the subscribers need its present state. */
        PURGED,
        /** Messages were removed before the feed received them. Each client learns from the stream which ones. */
        BEHIND,
        /**
         * The stream does not exist any more, stores other subjects now, or is denied. A client that reconnects is served
         * by what exists then.
         */
        NOT_SERVED
    }

    /**
     * @param position position to start from: after the last message that was stored when it was located
     * @param advances bounds the feeds that check whether they can advance
     * @param onEnd run when the feed has ended by itself
     */
    StreamFeed(
            ReplayPosition position,
            StreamSource replay,
            EventsConfig config,
            FilterWorkers workers,
            AsyncSemaphore advances,
            Consumer<StreamFeed> onEnd) {
        this.selection = position.selection();
        this.replay = replay;
        this.lastState = position.found();
        this.reached = EventId.reached(position, position.end());
        this.advances = advances;
        this.onEnd = onEnd;
        this.hub = new FeedHub(config, workers, this::requestMore);
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

    /** Returns a check of the state of the stream that is requested after this call. */
    StateCheck stateCheck() {
        return new StateCheck(reached);
    }

    /**
     * Handles a state of the stream: ends the feed if its stream does not exist any more, and records whether JetStream
     * answers.
     */
    final class StateCheck {
        private final EventId before;

        private StateCheck(EventId before) {
            this.before = before;
        }

        void received(StreamState now) {
            try {
                selection.check(now, before.sequence(), before.time());
                connectivity.answered(true);
                if (!selection.coveredBy(now)) {
                    LOG.infof("The stream %s no longer stores %s", selection.stream(), selection.subjects());
                    end(End.NOT_SERVED);
                } else if (selection.ofStore()) {
                    reportRemovals(now);
                } else if (reached.equals(before)) {
                    advanceIfQuiet(before, now);
                }
            } catch (StreamRecreatedException recreated) {
                recreated();
            } catch (SluiceException uncertain) {
                unanswered();
            }
        }

        /** Records that there was no answer; ignored if messages have arrived since. */
        void unanswered() {
            connectivity.answered(!reached.equals(before));
        }
    }

    /**
     * Advances to the end that an earlier check has found. A message up to there had the time between two checks to arrive,
     * so that none is on its way when the stream is searched.
     */
    private void advanceIfQuiet(EventId position, StreamState now) {
        QuietState earlier = quiet;
        quiet = new QuietState(position, now);
        if (earlier != null
                && earlier.position.equals(position)
                && now.first() <= position.sequence() + 1
                && inOlderHalf(position, now)) {
            advance(position, earlier.state);
        }
    }

    /** The state of the stream at a check before which nothing has arrived after {@code position}. */
    private record QuietState(EventId position, StreamState state) {}

    private static boolean inOlderHalf(EventId position, StreamState now) {
        return position.sequence() - now.first() < (now.last() - now.first()) / 2;
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
                            failure -> LOG.debugf(
                                    "The end of %s could not be searched: %s",
                                    selection.stream(), failure.getMessage()));
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
            before = lastState;
            if (now.last() < before.last()) {
                return;
            }
            lastState = now;
        }
        Optional<Gap> removed = now.removedSince(before);
        removed.ifPresent(hub::removed);
        if (removed.isEmpty() && selection.countable(now) && now.purgedSince(before)) {
            LOG.infof("Keys of %s were removed without a marker", selection.stream());
            end(End.PURGED);
        }
    }

    /** Ends the feed because its stream does not exist any more. */
    void deleted() {
        LOG.infof("The stream %s no longer exists", selection.stream());
        end(End.NOT_SERVED);
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
            requestMore();
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
        requestMore();
    }

    @Override
    public void onFailure(Throwable failure) {
        if (failure instanceof FellBehindException) {
            end(End.BEHIND);
        } else {
            LOG.warnf("The feed of %s ended: %s", selection.stream(), failure.getMessage());
            end(End.NOT_SERVED, () -> hub.denied(failure));
        }
    }

    @Override
    public void onCompletion() {
        recreated();
    }

    /** Ends the feed because its stream was recreated. Called from any thread. */
    void recreated() {
        LOG.infof("The stream %s was recreated", selection.stream());
        end(End.RECREATED);
    }

    private void end(End reason) {
        end(reason, hub::ended);
    }

    /** Ends the feed once. Called from any thread. */
    private void end(End reason, Runnable notification) {
        synchronized (this) {
            if (end != null) {
                return;
            }
            end = reason;
        }
        onEnd.accept(this);
        close();
        notification.run();
    }

    /** Requests messages if there is room. Called from any thread. */
    private void requestMore() {
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
