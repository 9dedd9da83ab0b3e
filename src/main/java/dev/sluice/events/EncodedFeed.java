package dev.sluice.events;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * All clients of a feed with the same projection. Each message is encoded once and handed to each event loop once: by a
 * filter worker if the projection has a filter, else by the feed's thread.
 */
final class EncodedFeed implements FilterQueue.Listener {
    /** Number of consecutive messages without a match after which the clients receive their current position. */
    private static final int MAX_UNMATCHED = 256;

    private final Projection projection;
    private final @Nullable FilterQueue queue;
    private final List<EventLoopFanout> fanouts = new CopyOnWriteArrayList<>();
    private int unmatched;

    EncodedFeed(Projection projection, FilterWorkers workers) {
        this.projection = projection;
        this.queue = projection.filtered() ? workers.queue(this) : null;
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

    /** Publishes a message. Called by the feed's thread. */
    void publish(FeedMessage message) {
        if (queue == null) {
            evaluate(message);
        } else {
            queue.offer(message);
        }
    }

    /**
     * Reports to the clients that no further message up to {@code id} exists. Called by the thread that publishes. Left out
     * while a filter is behind.
     */
    void reached(EventId id) {
        if (queue == null || queue.idle()) {
            offer(new Frame(ControlEvents.reached(id), id.sequence()));
        }
    }

    /** Records that a message of a core source was dropped. Called by any thread. */
    void dropped() {
        if (queue == null) {
            dropped(1, 0);
        } else {
            queue.dropped();
        }
    }

    /** Encodes a message if it matches. Called by one evaluating thread at a time. */
    @Override
    public void evaluate(FeedMessage message) {
        byte[] event = projection.show(message);
        EventId id = message.id();
        if (event != null) {
            offer(new Frame(event, message.sequence()));
        } else if (id != null && ++unmatched >= MAX_UNMATCHED) {
            offer(new Frame(ControlEvents.reached(id), id.sequence()));
        }
    }

    /** Called by the evaluating thread, and for dropped messages by any thread. */
    @Override
    public void dropped(long count, long through) {
        for (EventLoopFanout fanout : fanouts) {
            fanout.dropped(count, through);
        }
    }

    /** Called after the last client has left. */
    void close() {
        if (queue != null) {
            queue.close();
        }
    }

    private void offer(Frame frame) {
        unmatched = 0;
        for (EventLoopFanout fanout : fanouts) {
            fanout.offer(frame);
        }
    }
}
