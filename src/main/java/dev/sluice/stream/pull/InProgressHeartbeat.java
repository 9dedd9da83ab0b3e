package dev.sluice.stream.pull;

import dev.sluice.flow.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sends periodic progress acks for the deliveries of slow handlers, and for those that a fetch collects. It continues
 * after the end of the subscription, because handlers may still run, and stops at a time limit, so that the message of
 * a hung handler is redelivered. Its size is bounded by the number of unsettled deliveries that the consumers allow.
 * Thread-safe.
 */
final class InProgressHeartbeat {
    private static final int SIGNS_PER_ACK_WAIT = 3;

    private static final class Watch {
        private final int every;
        private int untilNext;
        private long untilGivenUp;
        private volatile boolean signed;

        private Watch(int every, long limit) {
            this.every = every;
            this.untilNext = every;
            this.untilGivenUp = limit;
        }
    }

    private final Map<Delivery, Watch> watched = new ConcurrentHashMap<>();
    private final Ticker.Task ticking;

    InProgressHeartbeat(Ticker ticker) {
        ticking = ticker.task(this::tick);
    }

    /** @param limit maximum total time to keep {@code delivery} in progress */
    void keep(Delivery delivery, Duration ackWait, Duration limit) {
        int every = Math.max(1, PullContext.ticks(ackWait) / SIGNS_PER_ACK_WAIT);
        watched.put(delivery, new Watch(every, PullContext.ticks(limit)));
        ticking.start();
    }

    /** Stops sending progress acks for {@code delivery}. */
    void drop(Delivery delivery) {
        watched.remove(delivery);
    }

    /**
     * Stops sending progress acks for {@code delivery}. The ack wait restarts a last time, unless most of it is left,
     * so that it belongs to whoever receives the delivery now.
     */
    void handOver(Delivery delivery) {
        Watch watch = watched.remove(delivery);
        if (watch != null && watch.signed) {
            delivery.inProgress();
        }
    }

    private void tick() {
        watched.forEach((delivery, watch) -> {
            boolean over = delivery.settled() || --watch.untilGivenUp <= 0;
            if (over) {
                watched.remove(delivery);
            } else if (--watch.untilNext <= 0) {
                watch.untilNext = watch.every;
                watch.signed = true;
                delivery.inProgress();
            }
        });
        if (watched.isEmpty()) {
            ticking.stop();
            if (!watched.isEmpty()) {
                ticking.start();
            }
        }
    }
}
