package dev.sluice.flow;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Exponential backoff: the delay doubles with each consecutive failure, from {@code first} to {@code longest}. */
public record Backoff(Duration first, Duration longest) {
    private static final double JITTER = 0.2;
    private static final int MOST_DOUBLINGS = 20;

    /**
     * Returns the delay before the next attempt.
     *
     * @param failures number of consecutive failures, at least 1
     */
    public Duration delay(int failures) {
        int doublings = Math.min(failures - 1, MOST_DOUBLINGS);
        Duration grown = first.multipliedBy(1L << doublings);
        return grown.compareTo(longest) < 0 ? grown : longest;
    }

    /** As {@link #delay}, changed by up to 20 % at random, so that clients that failed together do not retry together. */
    public Duration jittered(int failures, RandomGenerator random) {
        double factor = 1 - JITTER + 2 * JITTER * random.nextDouble();
        return Duration.ofNanos((long) (delay(failures).toNanos() * factor));
    }
}
