package dev.sluice.stream.pull;

import dev.sluice.flow.Backoff;
import java.time.Duration;

/**
 * The retry delay of a subscription, and the number of silent periods after which it asks about its consumer. Servers
 * before 2.10 do not reply to a pull from a consumer that does not exist, so repeated silence requires an info request.
 *
 * <p>Confined to the drain loop, except {@link #signOfLife}.
 */
final class RetryPolicy {
    private static final int SILENCES_BEFORE_ASKING = 2;
    private static final Backoff BACKOFF = new Backoff(PullContext.TICK, Duration.ofSeconds(2));

    private volatile int silences;
    private int backOffs;

    /** Records a sign of life of the server. Any thread. */
    void signOfLife() {
        silences = 0;
    }

    /** Resets the policy after a received message or on a new connection. */
    void restore() {
        signOfLife();
        backOffs = 0;
    }

    /** Records a silent period. Returns whether to ask about the consumer now. */
    boolean silence() {
        int silent = silences + 1;
        silences = silent;
        return silent >= SILENCES_BEFORE_ASKING;
    }

    /** Returns the ticks to wait before the next attempt: doubled each time, up to two seconds. */
    int backOff() {
        return PullContext.ticks(BACKOFF.delay(++backOffs));
    }
}
