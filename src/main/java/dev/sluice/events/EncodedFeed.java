package dev.sluice.events;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * All clients with one view of a feed: each message is encoded once for them, and handed to each event loop once; where
 * the view has a filter, by a worker, else by the feed's thread itself.
 */
final class EncodedFeed implements FilterQueue.Listener {
    /** Messages that were not to be seen, one after the other, after which the clients are told how far they are. */
    private static final int UNSEEN = 256;

    private final Projection projection;
    private final @Nullable FilterQueue queue;
    private final List<EventLoopFanout> fanouts = new CopyOnWriteArrayList<>();
    private int unseen;

    EncodedFeed(Projection projection, FilterWorkers workers) {
        this.projection = projection;
        this.queue = projection.filtered() ? workers.queue(this) : null;
    }

    Projection projection() {
        return projection;
    }

    List<EventLoopFanout> fanouts() {
        return fanouts;
    }

    @Nullable
    EventLoopFanout find(EventLoop loop) {
        for (EventLoopFanout fanout : fanouts) {
            if (fanout.loop() == loop) {
                return fanout;
            }
        }
        return null;
    }

    /** By the feed's thread. */
    void publish(FeedMessage message) {
        if (queue == null) {
            evaluate(message);
        } else {
            queue.offer(message);
        }
    }

    /** By whoever evaluates, one at a time. */
    @Override
    public void evaluate(FeedMessage message) {
        byte[] event = projection.show(message);
        EventId id = message.id();
        if (event != null) {
            offer(new Frame(event, message.sequence()));
        } else if (id != null && ++unseen >= UNSEEN) {
            offer(new Frame(ControlEvents.reached(id), id.sequence()));
        }
    }

    /** By whoever evaluates. */
    @Override
    public void lost(long count, long through) {
        for (EventLoopFanout fanout : fanouts) {
            fanout.lose(count, through);
        }
    }

    /** Nobody has this view any more. */
    void close() {
        if (queue != null) {
            queue.close();
        }
    }

    private void offer(Frame frame) {
        unseen = 0;
        for (EventLoopFanout fanout : fanouts) {
            fanout.offer(frame);
        }
    }
}
