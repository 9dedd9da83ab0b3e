package dev.sluice.http;

import dev.sluice.failure.Failure;
import java.time.Duration;
import java.time.Instant;

/** The range of times and durations in NATS: 64-bit nanoseconds, times relative to 1970. */
public final class NatsTime {
    static final Duration MAX_DURATION = Duration.ofNanos(Long.MAX_VALUE);
    static final Instant FIRST = Instant.EPOCH.plusNanos(Long.MIN_VALUE);
    static final Instant LAST = Instant.EPOCH.plusNanos(Long.MAX_VALUE);

    private NatsTime() {}

    static boolean holds(Duration duration) {
        return duration.compareTo(MAX_DURATION) <= 0;
    }

    /**
     * Returns {@code time} if NATS can represent it.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if {@code time} is out of range
     */
    public static Instant checked(Instant time, String what) {
        if (time.isBefore(FIRST) || time.isAfter(LAST)) {
            throw Failure.INVALID.because(what + " must be between 1677-09-22 and 2262-04-11");
        }
        return time;
    }
}
