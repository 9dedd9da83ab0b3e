package dev.sluice.events;

import dev.sluice.stream.replay.Gap;
import java.util.concurrent.atomic.LongAdder;

/**
 * A subscriber that keeps within the client's buffer by dropping whole batches. It counts the dropped messages and
 * reports their number when the client reads again. A client that fell behind receives messages again when half of its
 * buffer is free, so it gets one report per episode and not one per message.
 */
final class LossySubscriber implements FeedSubscriber {
    private final SseConnection connection;
    private final LongAdder droppedByAll;
    private long dropped;

    LossySubscriber(SseConnection connection, LongAdder droppedByAll) {
        this.connection = connection;
        this.droppedByAll = droppedByAll;
    }

    @Override
    public void take(SharedBatch batch) {
        if (dropped > 0 || !connection.accepts(batch.size())) {
            dropped(batch.events());
        } else {
            connection.write(batch);
        }
    }

    @Override
    public void dropped(long events) {
        if (connection.open() && events > 0) {
            dropped += events;
            droppedByAll.add(events);
            reportIfHalfFree();
        }
    }

    @Override
    public void status(byte[] frame) {
        connection.reportStatus(frame);
    }

    /** Never called: a core source stores nothing. */
    @Override
    public void removed(Gap gap) {}

    @Override
    public void drained() {
        reportIfHalfFree();
    }

    @Override
    public void beforeEnd() {
        reportDropped();
    }

    private void reportIfHalfFree() {
        if (connection.halfFree()) {
            reportDropped();
        }
    }

    private void reportDropped() {
        if (dropped > 0) {
            long count = dropped;
            dropped = 0;
            connection.write(ControlEvents.dropped(count));
        }
    }

    /** Closes the tail; the client reconnects and gets a new feed. */
    @Override
    public void ended() {
        connection.end(CloseReason.LIFETIME);
    }

    @Override
    public void denied(CloseReason reason) {
        connection.end(reason);
    }
}
