package dev.sluice.reliability;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Histogram of durations. Each bucket is 5% wider than the previous one. */
final class Percentiles {
    private static final double STEP = Math.log(1.05);
    private static final int BUCKETS = 400;
    private static final double UNIT_NANOS = 10_000;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
    private final AtomicLong longest = new AtomicLong();

    void add(long nanos) {
        int bucket = nanos <= UNIT_NANOS ? 0 : (int) (Math.log(nanos / UNIT_NANOS) / STEP) + 1;
        counts.incrementAndGet(Math.min(BUCKETS - 1, bucket));
        longest.accumulateAndGet(nanos, Math::max);
    }

    /** @param share the quantile, from 0 to 1 */
    Duration at(double share) {
        long all = count();
        long wanted = (long) Math.ceil(all * share);
        long sofar = 0;
        for (int i = 0; i < BUCKETS; i++) {
            sofar += counts.get(i);
            if (sofar >= wanted) {
                return Duration.ofNanos(Math.min(longest.get(), (long) (UNIT_NANOS * Math.exp(i * STEP))));
            }
        }
        return max();
    }

    Duration max() {
        return Duration.ofNanos(longest.get());
    }

    long count() {
        long all = 0;
        for (int i = 0; i < BUCKETS; i++) {
            all += counts.get(i);
        }
        return all;
    }

    @Override
    public String toString() {
        return "p50 " + at(0.5).toMillis() + " ms, p99 " + at(0.99).toMillis() + " ms, max " + max().toMillis() + " ms";
    }
}
