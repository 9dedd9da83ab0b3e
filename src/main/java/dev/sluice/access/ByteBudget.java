package dev.sluice.access;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.quarkus.runtime.configuration.MemorySize;
import java.time.Duration;

/**
 * A limit on body bytes per second that can be overdrawn, because the length of a body is unknown until it has arrived.
 * After an overdraft the caller waits until the debt is paid off.
 */
final class ByteBudget {
    /** Maximum debt of one settled body, in seconds: a large body does not block its caller for longer. */
    private static final int MAX_DEBT = 10;

    private final long perSecond;
    private final Bucket bytes;

    ByteBudget(MemorySize size, TimeMeter time) {
        perSecond = size.asLongValue();
        bytes = RequestLimiter.bucket(perSecond, time);
    }

    long perSecond() {
        return perSecond;
    }

    boolean spent() {
        return bytes.getAvailableTokens() <= 0;
    }

    /**
     * Charges {@code received} bytes and returns the time until the debt, including earlier charges, is paid off.
     * Returns zero for zero bytes: HTTP/2 ends a body of unknown length with an empty frame.
     */
    Duration spend(long received) {
        if (received == 0) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(bytes.consumeIgnoringRateLimits(received));
    }

    /** Charges the bytes of a completed request, at most {@value #MAX_DEBT} seconds' worth. */
    void settle(long received) {
        if (received > 0) {
            bytes.consumeIgnoringRateLimits(Math.min(received, MAX_DEBT * perSecond));
        }
    }
}
