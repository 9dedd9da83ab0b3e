package dev.sluice.events;

import dev.sluice.stream.replay.Gap;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * A subscriber that keeps within the client's buffer by dropping whole batches. It counts the dropped messages and
 * reports their number when the client reads again. A client that fell behind receives messages again when half of its
 * buffer is free, so it gets one report per episode and not one per message.
 */
final class LossySubscriber implements FeedSubscriber {
    private final SseConnection connection;
    private final LongAdder droppedByAll;
    private final Duration closeTimeout;
    private long dropped;

    LossySubscriber(SseConnection connection, Duration closeTimeout, LongAdder droppedByAll) {
        this.connection = connection;
        this.closeTimeout = closeTimeout;
        this.droppedByAll = droppedByAll;
    }

    @Override
    public void take(SharedBatch batch) {
        if (dropped > 0 || !connection.takes(batch.size())) {
            lose(batch.events());
        } else {
            connection.write(batch);
        }
    }

    @Override
    public void lose(long events) {
        if (connection.open() && events > 0) {
            dropped += events;
            droppedByAll.add(events);
            relieved();
        }
    }

    @Override
    public void status(byte[] frame) {
        connection.tellStatus(frame);
    }

    /** Never called: a core source stores nothing. */
    @Override
    public void removed(Gap gap) {}

    @Override
    public void relieved() {
        if (connection.halfFree()) {
            ending();
        }
    }

    @Override
    public void ending() {
        if (dropped > 0) {
            long told = dropped;
            dropped = 0;
            connection.write(ControlEvents.dropped(told));
        }
    }

    /** Closes the tail; the client reconnects and gets a new feed. */
    @Override
    public void over() {
        connection.end(CloseReason.LIFETIME, closeTimeout);
    }

    @Override
    public void denied(CloseReason reason) {
        connection.end(reason, closeTimeout);
    }
}
