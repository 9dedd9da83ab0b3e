package dev.sluice.stream.publish;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The delays between attempts. They grow and have jitter, so that publishes that failed together are not retried
 * together.
 */
record Backoff(Duration first, Duration longest) {
    private static final double JITTER = 0.2;

    /**
     * Returns the delay in nanoseconds after refusal number {@code refusals}, at least 1. The delay of an ADR-22 retry
     * does not grow.
     */
    long nanos(PublishErrors.Repeat repeat, int refusals, RandomGenerator random) {
        int doublings = repeat == PublishErrors.Repeat.TWICE ? 0 : Math.min(refusals - 1, 16);
        long pause = Math.min(first.toNanos() << doublings, longest.toNanos());
        return (long) (pause * (1 - JITTER + 2 * JITTER * random.nextDouble()));
    }
}
