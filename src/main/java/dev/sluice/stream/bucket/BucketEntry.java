package dev.sluice.stream.bucket;

import java.time.Instant;

/**
 * What a bucket holds, or held, under one key.
 *
 * @param value exactly as it was put, not copied; empty where the key was deleted
 * @param revision grows with every change in the bucket; what a compare-and-set compares
 * @param at when the bucket stored it
 */
public record BucketEntry(String key, byte[] value, long revision, Instant at, Operation operation) {

    /** How the entry came about. */
    public enum Operation {
        PUT,
        DELETE,
        /** Deleted together with its history, or by its age. */
        PURGE
    }

    /** Whether the key has no value since this entry. */
    public boolean deleted() {
        return operation != Operation.PUT;
    }
}
