package dev.sluice.stream.pull;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the server, on behalf of slow handlers, that their deliveries are still being worked on. It goes on when the
 * subscription ends, since handlers do too, and it stops at a limit: a handler that hangs costs one delivery, not a
 * message that nobody else ever sees again. Bounded by the deliveries that the consumers leave unsettled.
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

    /** @param limit how long {@code delivery} may take in all */
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
