package dev.sluice.flow;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Computes the demand for an upstream, so that the received items stay within a window by count and, except for the few
 * items requested ahead, by weight.
 */
final class UpstreamDemand {
    /** Maximum number of items requested and not received yet; their weight is unknown. */
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
     * Returns the number of items to request now; 0 if a request is not allowed or not worthwhile. Must not be called
     * concurrently.
     *
     * @param taken number of items received so far
     * @param gone number of these items that have left the window
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

    /** Returns whether {@link #grant} may be more than 0 because of the received items. */
    boolean runsLow(long taken) {
        return taken + AHEAD - asked >= batch;
    }

    /** Returns whether more items were received than requested. */
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
