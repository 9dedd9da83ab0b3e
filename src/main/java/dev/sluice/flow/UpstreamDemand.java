package dev.sluice.flow;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much may be asked of an upstream, so that what is taken in stays within a window by number and, but for the few
 * that are asked for ahead, by weight.
 */
final class UpstreamDemand {
    /** At most so many are asked for and not here yet: nobody knows their weight. */
    static final int AHEAD = 32;

    private final int window;
    private final long maxWeight;
    private final int batch;
    private final AtomicLong weight = new AtomicLong();
    private volatile long asked;

    UpstreamDemand(int window, long maxWeight) {
        this.window = window;
        this.maxWeight = maxWeight;
        this.batch = Math.min(AHEAD / 2, Math.max(1, window / 4));
    }

    /**
     * How many to ask for now; 0 while that is not worth a call. Not to be called concurrently.
     *
     * @param taken how many have come so far
     * @param gone how many of them have left the window
     */
    long grant(long taken, long gone) {
        if (weight.get() >= maxWeight) {
            return 0;
        }
        long before = asked;
        long grant = Math.min(gone + window - before, taken + AHEAD - before);
        if (grant < batch) {
            return 0;
        }
        asked = before + grant;
        return grant;
    }

    /** Whether {@link #grant} may be more than 0 because of what has come. */
    boolean runsLow(long taken) {
        return taken + AHEAD - asked >= batch;
    }

    /** Whether more has come than was asked for. */
    boolean exceeded(long taken) {
        return taken > asked;
    }

    void took(long itemWeight) {
        weight.addAndGet(itemWeight);
    }

    void released(long itemWeight) {
        weight.addAndGet(-itemWeight);
    }
}
