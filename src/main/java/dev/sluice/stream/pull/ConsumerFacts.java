package dev.sluice.stream.pull;

import dev.sluice.stream.AckMode;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the server says about a consumer, as far as pulling from it depends on that. Limits that are not set are the
 * largest value.
 *
 * @param maxWaiting pulls that may be open at once, by all who use this consumer
 */
record ConsumerFacts(
        boolean push,
        AckMode ackMode,
        Duration ackWait,
        int maxBatch,
        long maxBytes,
        Duration maxExpires,
        long maxWaiting) {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    static ConsumerFacts of(ConsumerConfiguration configuration) {
        String deliverSubject = configuration.getDeliverSubject();
        return new ConsumerFacts(
                deliverSubject != null && !deliverSubject.isEmpty(),
                ackMode(configuration.getAckPolicy()),
                setOrLongest(configuration.getAckWait()),
                (int) Math.min(setOrLargest(configuration.getMaxBatch()), Integer.MAX_VALUE),
                setOrLargest(configuration.getMaxBytes()),
                setOrLongest(configuration.getMaxExpires()),
                setOrLargest(configuration.getMaxPullWaiting()));
    }

    static AckMode ackMode(AckPolicy policy) {
        return switch (policy) {
            case None -> AckMode.NONE;
            case All -> AckMode.ALL;
            case Explicit -> AckMode.EXPLICIT;
        };
    }

    private static long setOrLargest(long value) {
        return value <= 0 ? Long.MAX_VALUE : value;
    }

    private static Duration setOrLongest(@Nullable Duration value) {
        return value == null || value.isZero() || value.isNegative() ? LONGEST : value;
    }
}
