package dev.sluice.events;

import dev.sluice.failure.SluiceException;
import dev.sluice.stream.replay.FellBehindException;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.Selection;
import dev.sluice.stream.replay.StreamMessage;
import dev.sluice.stream.replay.StreamRecreatedException;
import dev.sluice.stream.replay.StreamState;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Goes along with the end of one life of a stream, for everybody who watches it. No client slows it down, but a crowded
 * event loop does: then nothing is asked for, and messages wait in the stream.
 */
final class StreamFeed implements MultiSubscriber<StreamMessage> {
    private static final Logger LOG = Logger.getLogger(StreamFeed.class);
    /** Messages asked for at once; as long as there is room, so many are always under way. */
    private static final int DEMAND = 512;

    private final Selection selection;
    private final FeedHub hub;
    private final Consumer<StreamFeed> whenOver;
    private final Connectivity connectivity;
    private final Runnable unobserve;
    private volatile EventId reached;
    private volatile @Nullable End end;

    private Flow.@Nullable Subscription subscription;
    private int underWay;
    private boolean cancelled;

    /** Why there is nothing more to be had from it. */
    enum End {
        /** Another life of the stream has begun, and is to be read from its beginning. */
        RECREATED,
        /** Messages were removed before they came; the stream itself tells each client which. */
        BEHIND,
        /** The stream is gone, stores other subjects now, or is refused: who comes back gets what there is then. */
        NOT_SERVED
    }

    /**
     * @param position where it begins: behind what was stored last then
     * @param whenOver run when it has ended by itself
     */
    StreamFeed(
            ReplayPosition position,
            Replay replay,
            EventsConfig config,
            FilterWorkers workers,
            Consumer<StreamFeed> whenOver) {
        this.selection = position.selection();
        this.reached = new EventId(selection.epoch(), position.end(), position.endTime());
        this.whenOver = whenOver;
        this.hub = new FeedHub(config, workers, this::ask);
        this.connectivity = new Connectivity(hub);
        this.unobserve = replay.observe(connectivity.link());
    }

    void follow(Replay replay) {
        EventId start = reached;
        replay.follow(selection, start.sequence(), start.time(), connectivity.stream())
                .subscribe()
                .withSubscriber(this);
    }

    /** Why it ended; null as long as it has not. */
    @Nullable
    End end() {
        return end;
    }

    String stream() {
        return selection.stream();
    }

    /** What to do with what is heard of the stream after this. */
    Look look() {
        return new Look(reached);
    }

    /** Ends this if what it follows is not there any more, and knows whether the stream can be looked at. */
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
                    LOG.infof("The stream %s does not store %s any more", selection.stream(), selection.subjects());
                    over(End.NOT_SERVED);
                }
            } catch (StreamRecreatedException recreated) {
                onCompletion();
            } catch (SluiceException doubtful) {
                unanswered();
            }
        }

        /** Ignored while messages arrive. */
        void unanswered() {
            connectivity.answered(!reached.equals(before));
        }
    }

    /** The stream is gone. */
    void gone() {
        LOG.infof("The stream %s is gone", selection.stream());
        over(End.NOT_SERVED);
    }

    FeedHub hub() {
        return hub;
    }

    /** The last sequence that was, or is just being, handed to the audience. */
    long head() {
        return reached.sequence();
    }

    /** The message at the {@link #head}. */
    EventId reached() {
        return reached;
    }

    void close() {
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
        reached = id;
        if (selection.wants(recorded.message().subject())) {
            hub.publish(recorded.message(), recorded.time(), id);
        }
        synchronized (this) {
            underWay--;
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
        LOG.infof("The stream %s has begun anew", selection.stream());
        over(End.RECREATED);
    }

    private void over(End why) {
        over(why, hub::over);
    }

    /** Once. Any thread. */
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

    /** Any thread. */
    private void ask() {
        Flow.Subscription open;
        int more;
        synchronized (this) {
            open = subscription;
            more = DEMAND - underWay;
            if (open == null || cancelled || more < DEMAND / 2 || hub.crowded()) {
                return;
            }
            underWay = DEMAND;
        }
        open.request(more);
    }
}
