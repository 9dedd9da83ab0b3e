package dev.sluice.stream.bucket;

import java.time.Instant;

/**
 * The value or the deletion marker of one key in a bucket.
 *
 * @param value the bytes as published, not copied; empty for a deletion
 * @param revision stream sequence, increased by every change in the bucket; used by compare-and-set
 * @param at time at which the bucket stored the entry
 */
public record BucketEntry(String key, byte[] value, long revision, Instant at, Operation operation) {

    /** The operation that created the entry. */
    public enum Operation {
        PUT,
        DELETE,
        /** The key was deleted with its history, or its value expired. */
        PURGE
    }

    /** Returns whether this entry is a deletion marker. */
    public boolean deleted() {
        return operation != Operation.PUT;
    }
}
