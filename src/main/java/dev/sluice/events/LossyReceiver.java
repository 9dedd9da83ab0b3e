package dev.sluice.events;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * Stays within a client's bound by dropping whole bursts, which it counts and tells as soon as the client reads again.
 * A client that fell behind gets messages again when half of its buffer is free, so that it is told once per episode and
 * not once per message.
 */
final class LossyReceiver implements Receiver {
    private final Tail tail;
    private final LongAdder droppedByAll;
    private final Duration closeTimeout;
    private long dropped;

    LossyReceiver(Tail tail, Duration closeTimeout, LongAdder droppedByAll) {
        this.tail = tail;
        this.closeTimeout = closeTimeout;
        this.droppedByAll = droppedByAll;
    }

    @Override
    public void take(Burst burst) {
        if (dropped > 0 || !tail.takes(burst.size())) {
            lose(burst.events());
        } else {
            tail.write(burst);
        }
    }

    @Override
    public void lose(long events) {
        if (tail.open() && events > 0) {
            dropped += events;
            droppedByAll.add(events);
            relieved();
        }
    }

    @Override
    public void status(byte[] frame) {
        tail.tellStatus(frame);
    }

    @Override
    public void relieved() {
        if (tail.halfFree()) {
            ending();
        }
    }

    @Override
    public void ending() {
        if (dropped > 0) {
            long told = dropped;
            dropped = 0;
            tail.write(ControlEvents.dropped(told));
        }
    }

    /** The client comes back to a new feed. */
    @Override
    public void over() {
        tail.end(CloseReason.LIFETIME, closeTimeout);
    }

    @Override
    public void denied(CloseReason reason) {
        tail.end(reason, closeTimeout);
    }
}
