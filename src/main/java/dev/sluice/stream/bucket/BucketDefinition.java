package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import dev.sluice.stream.topology.Declaration;
import io.nats.client.support.JsonValue;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The desired configuration of a key-value bucket. Settings that are not part of it stay as an operator has set them.
 *
 * @param history maximum number of values kept per key, 1 to 64
 * @param ttl maximum age of a value, zero for no limit
 * @param replicas number of replicas, 1 to 5
 * @param maxBytes maximum size of the bucket, -1 for no limit; a full bucket rejects new values
 */
public record BucketDefinition(String name, int history, Duration ttl, int replicas, long maxBytes) {
    private static final int MAX_HISTORY = 64;
    private static final int MAX_REPLICAS = 5;
    private static final long NO_LIMIT = -1;
    private static final Duration MAX_DUPLICATE_WINDOW = Duration.ofMinutes(2);

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} with the rule in the message */
    public BucketDefinition {
        name = new BucketName(name).value();
        if (history < 1 || history > MAX_HISTORY) {
            throw Failure.INVALID.because("A bucket keeps 1 to " + MAX_HISTORY + " values of a key");
        }
        if (replicas < 1 || replicas > MAX_REPLICAS) {
            throw Failure.INVALID.because("A bucket has 1 to " + MAX_REPLICAS + " replicas");
        }
        if (maxBytes < NO_LIMIT || maxBytes == 0) {
            throw Failure.INVALID.because("A bucket has a positive number of bytes, or -1 for no limit");
        }
        if (ttl.isNegative()) {
            throw Failure.INVALID.because("A bucket cannot keep values for a negative time");
        }
    }

    /** Returns a bucket that keeps the last value of each key, without replicas and limits. */
    public static BucketDefinition of(String name) {
        return new BucketDefinition(name, 1, Duration.ZERO, 1, NO_LIMIT);
    }

    String stream() {
        return new BucketName(name).stream();
    }

    /**
     * Returns the declaration of the bucket's stream as key-value clients expect it (ADR-8). Storage and other fields
     * that are not declared have the server's default in a new bucket and stay unchanged in an existing bucket. An existing
     * bucket also keeps limits where the definition has none, and is never narrowed.
     */
    Declaration declaration() {
        Map<String, JsonValue> initial = fields();
        initial.put("subjects", subjects());
        Map<String, JsonValue> required = fields();
        required.remove("duplicate_window");
        if (ttl.isZero()) {
            required.remove("max_age");
        }
        if (maxBytes == NO_LIMIT) {
            required.remove("max_bytes");
        }
        return Declaration.stream("bucket " + name, stream(), false, initial, required, Map.of());
    }

    /** Returns the subjects of the bucket's stream. */
    JsonValue subjects() {
        return new JsonValue(List.of(new JsonValue(new BucketName(name).subjects())));
    }

    /** Returns the declared fields of the configuration. */
    Map<String, JsonValue> fields() {
        boolean brief = !ttl.isZero() && ttl.compareTo(MAX_DUPLICATE_WINDOW) < 0;
        Map<String, JsonValue> fields = new HashMap<>();
        fields.put("name", new JsonValue(stream()));
        fields.put("max_msgs_per_subject", new JsonValue(history));
        fields.put("max_age", new JsonValue(ttl.toNanos()));
        fields.put("duplicate_window", new JsonValue((brief ? ttl : MAX_DUPLICATE_WINDOW).toNanos()));
        fields.put("num_replicas", new JsonValue(replicas));
        fields.put("max_bytes", new JsonValue(maxBytes));
        fields.put("discard", new JsonValue("new"));
        fields.put("allow_rollup_hdrs", JsonValue.TRUE);
        fields.put("allow_direct", JsonValue.TRUE);
        fields.put("deny_delete", JsonValue.TRUE);
        return fields;
    }
}
