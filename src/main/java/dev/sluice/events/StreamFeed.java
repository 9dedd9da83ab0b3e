package dev.sluice.events;

import dev.sluice.stream.replay.Recorded;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.Selection;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.concurrent.Flow;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Goes along with the end of one life of a stream, for everybody who watches it. No client slows it down, but a crowded
 * event loop does: then nothing is asked for, and messages wait in the stream.
 */
final class StreamFeed implements MultiSubscriber<Recorded> {
    private static final Logger LOG = Logger.getLogger(StreamFeed.class);
    /** Messages asked for at once; as long as there is room, so many are always under way. */
    private static final int DEMAND = 512;

    private final Selection selection;
    private final Audience audience;
    private final Runnable unobserve;
    private volatile long head;
    private volatile boolean refused;

    private Flow.@Nullable Subscription subscription;
    private int underWay;
    private boolean cancelled;

    /** @param head the sequence behind which it begins */
    StreamFeed(Selection selection, long head, Replay replay, EventsConfig config) {
        this.selection = selection;
        this.head = head;
        this.audience = new Audience(config, this::ask);
        this.unobserve = replay.observe(audience);
    }

    Audience audience() {
        return audience;
    }

    /** The last sequence that was, or is just being, handed to the audience. */
    long head() {
        return head;
    }

    /** Whether NATS does not permit it, so that nothing comes any more. */
    boolean refused() {
        return refused;
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
    public void onItem(Recorded recorded) {
        head = recorded.sequence();
        if (selection.wants(recorded.message().subject())) {
            EventId id = new EventId(selection.epoch(), recorded.sequence());
            audience.publish(recorded.message(), recorded.time(), id);
        }
        synchronized (this) {
            underWay--;
        }
        ask();
    }

    @Override
    public void onFailure(Throwable failure) {
        LOG.warnf("The feed of %s ended: %s", selection.stream(), failure.getMessage());
        refused = true;
        audience.denied(failure);
    }

    @Override
    public void onCompletion() {
        LOG.infof("The stream %s was created again", selection.stream());
        audience.over();
    }

    /** Any thread. */
    private void ask() {
        Flow.Subscription open;
        int more;
        synchronized (this) {
            open = subscription;
            more = DEMAND - underWay;
            if (open == null || cancelled || more < DEMAND / 2 || audience.crowded()) {
                return;
            }
            underWay = DEMAND;
        }
        open.request(more);
    }
}
