package dev.sluice.access;

import dev.sluice.failure.Failure;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one caller has left. Bytes are counted when a request has ended, or as they come if it has no end that anybody
 * knows; whoever took more than there was waits until it is made up for.
 */
final class Allowance {
    /** One large body does not lock its sender out for longer than this many seconds. */
    private static final int LONGEST_DEBT = 10;

    private final LimitsConfig config;
    private final Bucket requests;
    private final Bucket bytes;
    private final AtomicInteger open = new AtomicInteger();

    Allowance(LimitsConfig config, TimeMeter time) {
        this.config = config;
        this.requests = Limits.bucket(config.requestsPerSecond(), time);
        this.bytes = Limits.bucket(config.bytesPerSecond().asLongValue(), time);
    }

    void begin() {
        if (!requests.tryConsume(1)) {
            throw Failure.OVERLOADED.because("A caller has " + config.requestsPerSecond()
                    + " requests a second here (sluice.access.limits.requests-per-second)");
        }
        if (bytes.getAvailableTokens() <= 0) {
            throw Failure.OVERLOADED.because(
                    "A caller may send " + config.bytesPerSecond().asLongValue()
                            + " bytes a second here (sluice.access.limits.bytes-per-second)");
        }
        if (open.incrementAndGet() > config.openRequests()) {
            open.decrementAndGet();
            throw Failure.OVERLOADED.because("A caller has " + config.openRequests()
                    + " requests open at once here, event streams and fetches among them"
                    + " (sluice.access.limits.open-requests)");
        }
    }

    /** How long it takes to make up for what was spent, these {@code received} bytes and all before. */
    Duration spend(long received) {
        return Duration.ofNanos(bytes.consumeIgnoringRateLimits(received));
    }

    void end(long received) {
        open.decrementAndGet();
        if (received > 0) {
            bytes.consumeIgnoringRateLimits(
                    Math.min(received, LONGEST_DEBT * config.bytesPerSecond().asLongValue()));
        }
    }
}
