package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * A key-value bucket as it is to be. What is not named here stays as an operator has set it.
 *
 * @param history how many values of one key are kept, 1 to 64
 * @param ttl how long a value is kept, zero for as long as there is room
 * @param replicas on how many servers, 1 to 5
 * @param maxBytes how large the bucket may grow, -1 for no limit; a full one refuses new values
 */
public record BucketDefinition(String name, int history, Duration ttl, int replicas, long maxBytes) {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]+");
    private static final int MOST_HISTORY = 64;
    private static final int MOST_REPLICAS = 5;

    /** @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the rule */
    public BucketDefinition {
        if (!NAME.matcher(name).matches()) {
            throw Failure.INVALID.because("A bucket name has letters, digits, - and _ only");
        }
        if (history < 1 || history > MOST_HISTORY) {
            throw Failure.INVALID.because("A bucket keeps 1 to " + MOST_HISTORY + " values of a key");
        }
        if (replicas < 1 || replicas > MOST_REPLICAS) {
            throw Failure.INVALID.because("A bucket has 1 to " + MOST_REPLICAS + " replicas");
        }
        if (ttl.isNegative()) {
            throw Failure.INVALID.because("A bucket cannot keep values for a negative time");
        }
    }

    /** The last value of each key, on one server, without limits. */
    public static BucketDefinition of(String name) {
        return new BucketDefinition(name, 1, Duration.ZERO, 1, -1);
    }

    String stream() {
        return "KV_" + name;
    }

    /** The stream as every client of key-value buckets makes and expects it. */
    StreamConfiguration created() {
        return KeyValueConfiguration.builder()
                .name(name)
                .maxHistoryPerKey(history)
                .ttl(ttl)
                .replicas(replicas)
                .maxBucketSize(maxBytes)
                .build()
                .getBackingConfig();
    }

    /** {@code existing} with what this definition names, and with what makes a stream a bucket. */
    StreamConfiguration updated(StreamConfiguration existing) {
        StreamConfiguration wanted = created();
        return StreamConfiguration.builder(existing)
                .maxMessagesPerSubject(wanted.getMaxMsgsPerSubject())
                .maxAge(wanted.getMaxAge())
                .duplicateWindow(wanted.getDuplicateWindow())
                .replicas(wanted.getReplicas())
                .maxBytes(wanted.getMaxBytes())
                .discardPolicy(wanted.getDiscardPolicy())
                .allowRollup(true)
                .allowDirect(true)
                .denyDelete(true)
                .build();
    }
}
