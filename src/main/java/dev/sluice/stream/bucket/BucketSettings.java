package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import io.nats.client.support.JsonValue;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The complete settings of a bucket, as a caller defines them.
 *
 * @param scales whether an existing bucket gets the number of replicas of the definition too; else it keeps its own
 * @param maxValueSize maximum size of a value with its headers, in bytes; -1 for no limit
 * @param storage {@code file} or {@code memory}; empty for that of an existing bucket, or else for files
 * @param markerTtl how long the marker of an expired value is kept (ADR-48); empty for that of an existing bucket, or
 *     else for no markers
 */
public record BucketSettings(
        BucketDefinition definition,
        boolean scales,
        int maxValueSize,
        Optional<String> storage,
        Optional<Duration> markerTtl,
        Optional<String> description) {
    private static final String REPLICAS = "num_replicas";
    private static final Duration MIN_MARKER_TTL = Duration.ofSeconds(1);

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} with the rule in the message */
    public BucketSettings {
        if (storage.isPresent() && !storage.get().matches("file|memory")) {
            throw Failure.INVALID.because("The storage of a bucket is file or memory");
        }
        if (markerTtl.isPresent() && markerTtl.get().compareTo(MIN_MARKER_TTL) < 0) {
            throw Failure.INVALID.because("The marker of an expired value is kept for at least 1s");
        }
        if (maxValueSize < -1 || maxValueSize == 0) {
            throw Failure.INVALID.because("A value has a positive number of bytes, or -1 for no limit");
        }
    }

    BucketName name() {
        return new BucketName(definition.name());
    }

    /** Returns {@code before}, the configuration of an existing stream or empty, changed to these settings. */
    Map<String, JsonValue> over(Map<String, JsonValue> before) {
        Map<String, JsonValue> config = new HashMap<>(before);
        config.putIfAbsent("subjects", definition.subjects());
        config.putAll(definition.fields());
        JsonValue replicas = before.get(REPLICAS);
        if (replicas != null && !scales) {
            config.put(REPLICAS, replicas);
        }
        config.put("max_msg_size", new JsonValue(maxValueSize));
        storage.ifPresent(where -> config.put("storage", new JsonValue(where)));
        markerTtl.ifPresent(ttl -> {
            config.put("subject_delete_marker_ttl", new JsonValue(ttl.toNanos()));
            config.put("allow_msg_ttl", JsonValue.TRUE);
        });
        config.remove("description");
        description.filter(text -> !text.isEmpty()).ifPresent(text -> config.put("description", new JsonValue(text)));
        return config;
    }
}
