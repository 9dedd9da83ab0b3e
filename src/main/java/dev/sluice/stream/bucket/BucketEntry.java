package dev.sluice.stream.bucket;

import dev.sluice.nats.InboundMessage;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The value or the deletion marker of one key in a bucket.
 *
 * @param value the bytes as published, not copied; empty for a deletion
 * @param revision stream sequence, increased by every change in the bucket; used by compare-and-set
 * @param at time at which the bucket stored the entry
 * @param headers headers as published
 */
public record BucketEntry(
        String key, byte[] value, long revision, Instant at, Operation operation, Map<String, List<String>> headers) {
    private static final String OPERATION = "KV-Operation";
    private static final String MARKER_REASON = "Nats-Marker-Reason";

    /** The operation that created the entry. */
    public enum Operation {
        PUT,
        DELETE,
        /** The key was deleted with its history. */
        PURGE,
        /** The value expired. */
        EXPIRE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Returns the entry that a message of a bucket's stream is.
     *
     * @param revision stream sequence
     * @param at time at which the stream stored the message
     */
    public static BucketEntry of(InboundMessage message, long revision, Instant at) {
        return of(BucketName.key(message.subject()), message.data(), revision, at, message.headers());
    }

    static BucketEntry of(String key, byte[] value, long revision, Instant at, Map<String, List<String>> headers) {
        return new BucketEntry(key, value, revision, at, operation(headers), headers);
    }

    /** Returns whether a message of a bucket's stream is a deletion marker. */
    public static boolean deletion(InboundMessage message) {
        return operation(message.headers()) != Operation.PUT;
    }

    /** Returns whether this entry is a deletion marker. */
    public boolean deleted() {
        return operation != Operation.PUT;
    }

    /** Servers since 2.11 also write markers for expired or removed values (ADR-48). */
    private static Operation operation(Map<String, List<String>> headers) {
        String operation = first(headers, OPERATION);
        if (operation != null) {
            return switch (operation) {
                case "DEL" -> Operation.DELETE;
                case "PURGE" -> Operation.PURGE;
                default -> Operation.PUT;
            };
        }
        String reason = first(headers, MARKER_REASON);
        if (reason == null) {
            return Operation.PUT;
        }
        return switch (reason) {
            case "Remove" -> Operation.DELETE;
            case "Purge" -> Operation.PURGE;
            default -> Operation.EXPIRE;
        };
    }

    private static @Nullable String first(Map<String, List<String>> headers, String name) {
        List<String> values = headers.get(name);
        return values == null || values.isEmpty() ? null : values.get(0);
    }
}
