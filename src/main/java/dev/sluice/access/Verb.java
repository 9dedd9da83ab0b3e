package dev.sluice.access;

import java.util.Locale;

/** An action that permissions are granted for, in NATS' terms. */
public enum Verb {
    /** Publish messages to a subject, stored or not. */
    PUBLISH,
    /** Subscribe to subjects, live or from a stream. */
    SUBSCRIBE,
    /** Send requests to a subject. */
    REQUEST,
    /** Fetch and acknowledge a consumer's deliveries, and read its stream's messages. */
    CONSUME,
    /**
     * Create, change and delete a consumer, delete its stream's messages, create, change and delete a bucket or an
     * object store.
     */
    ADMINISTER,
    /** Read a key of a bucket, its history, and whether it exists, and watch it. */
    READ,
    /** Set, delete and purge a key of a bucket. */
    WRITE,
    /** Read an object, and whether it exists. */
    OBJECT_READ,
    /** Write and delete an object. */
    OBJECT_WRITE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
