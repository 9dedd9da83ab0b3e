package dev.sluice.stream.pull;

import java.time.Duration;

/**
 * How long a subscription waits before it tries again, and how much silence it takes before it asks. Servers before 2.10
 * say nothing at all to a pull from a consumer that does not exist, so repeated silence is worth a question.
 *
 * <p>Drain loop only, but {@link #heard}.
 */
final class RetryPolicy {
    private static final int SILENCES_BEFORE_ASKING = 2;
    private static final int LONGEST_REST = Ticker.ticks(Duration.ofSeconds(2));
    private static final int LARGEST_EXPONENT = 8;

    private volatile int silences;
    private int rests;

    /** The server said something. Any thread. */
    void heard() {
        silences = 0;
    }

    /** It is pulled from with success, or through a new connection. */
    void restore() {
        heard();
        rests = 0;
    }

    /** Nothing was heard again; returns whether it is time to ask. */
    boolean silence() {
        int silent = silences + 1;
        silences = silent;
        return silent >= SILENCES_BEFORE_ASKING;
    }

    /** Ticks to rest for now, more each time. */
    int rest() {
        return Math.min(1 << Math.min(rests++, LARGEST_EXPONENT), LONGEST_REST);
    }
}
