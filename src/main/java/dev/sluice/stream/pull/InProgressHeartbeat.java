package dev.sluice.stream.pull;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sends periodic progress acks for the deliveries of slow handlers. It continues after the end of the subscription,
 * because handlers may still run, and stops at a time limit, so that the message of a hung handler is redelivered. Its
 * size is bounded by the number of unsettled deliveries that the consumers allow. {@link #tick} runs on the ticker.
 */
final class InProgressHeartbeat {
    private static final int SIGNS_PER_ACK_WAIT = 3;

    private static final class Watch {
        private final int every;
        private int untilNext;
        private long untilGivenUp;

        private Watch(int every, long limit) {
            this.every = every;
            this.untilNext = every;
            this.untilGivenUp = limit;
        }
    }

    private final Map<Delivery, Watch> watched = new ConcurrentHashMap<>();

    /** @param limit maximum total time to keep {@code delivery} in progress */
    void keep(Delivery delivery, Duration ackWait, Duration limit) {
        int every = Math.max(1, Ticker.ticks(ackWait) / SIGNS_PER_ACK_WAIT);
        watched.put(delivery, new Watch(every, Ticker.ticks(limit)));
    }

    void tick() {
        watched.forEach((delivery, watch) -> {
            boolean over = delivery.settled() || --watch.untilGivenUp <= 0;
            if (over) {
                watched.remove(delivery);
            } else if (--watch.untilNext <= 0) {
                watch.untilNext = watch.every;
                delivery.inProgress();
            }
        });
    }

    int size() {
        return watched.size();
    }
}
