package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import java.time.Duration;

/**
 * The pull parameters of one subscription. {@link PullConfig} describes each value.
 *
 * @param keepInProgress zero to send no progress acks
 */
public record PullOptions(
        int prefetch, long prefetchBytes, Duration expires, Duration heartbeat, Duration keepInProgress) {

    public PullOptions {
        if (prefetch < 1 || prefetchBytes < 1) {
            throw Failure.INVALID.because("A pull prefetches one message and one byte at least");
        }
        if (heartbeat.isNegative()
                || heartbeat.isZero()
                || heartbeat.multipliedBy(2).compareTo(expires) > 0) {
            throw Failure.INVALID.because("A pull's heartbeat is more than zero and at most half of its expiry");
        }
        if (keepInProgress.isNegative()) {
            throw Failure.INVALID.because("A delivery cannot be kept in progress for a negative time");
        }
    }

    public static PullOptions of(PullConfig config) {
        return new PullOptions(
                config.prefetch(),
                config.prefetchBytes(),
                config.expires(),
                config.heartbeat(),
                config.keepInProgress());
    }

    public PullOptions withPrefetch(int messages, long bytes) {
        return new PullOptions(messages, bytes, expires, heartbeat, keepInProgress);
    }

    public PullOptions withExpiry(Duration expiry, Duration idleHeartbeat) {
        return new PullOptions(prefetch, prefetchBytes, expiry, idleHeartbeat, keepInProgress);
    }

    public PullOptions withKeepInProgress(Duration limit) {
        return new PullOptions(prefetch, prefetchBytes, expires, heartbeat, limit);
    }
}
