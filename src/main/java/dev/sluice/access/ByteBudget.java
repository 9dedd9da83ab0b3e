package dev.sluice.access;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.MemorySize;
import java.time.Duration;

/**
 * Bytes a second that may be overdrawn, as nobody knows how long a body is before it has come: whoever took more than
 * there was waits until it is made up for.
 */
final class ByteBudget {
    /** One large body locks nobody out for longer than this many seconds. */
    private static final int LONGEST_DEBT = 10;

    /** The bucket's own: one in a nanosecond. */
    private static final long MOST_PER_SECOND = 1_000_000_000;

    private final long perSecond;
    private final Bucket bytes;

    /** @throws ConfigurationException if the limit is none or larger than can be kept */
    ByteBudget(Limit limit, MemorySize size, TimeMeter time) {
        perSecond = size.asLongValue();
        if (perSecond < 1 || perSecond > MOST_PER_SECOND) {
            throw new ConfigurationException(limit.key() + " is 1 to " + MOST_PER_SECOND + " bytes");
        }
        bytes = RequestLimiter.bucket(perSecond, time);
    }

    long perSecond() {
        return perSecond;
    }

    boolean spent() {
        return bytes.getAvailableTokens() <= 0;
    }

    /**
     * How long it takes to make up for what was spent, these {@code received} bytes and all before. Zero bytes wait for
     * nothing: HTTP/2 ends a body of unknown length with an empty frame.
     */
    Duration spend(long received) {
        if (received == 0) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(bytes.consumeIgnoringRateLimits(received));
    }

    /** Spends what came with a request that is over, less what nobody would wait for. */
    void settle(long received) {
        if (received > 0) {
            bytes.consumeIgnoringRateLimits(Math.min(received, LONGEST_DEBT * perSecond));
        }
    }
}
