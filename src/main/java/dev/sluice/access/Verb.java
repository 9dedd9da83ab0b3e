package dev.sluice.access;

import java.util.Locale;

/** What somebody may do, in NATS' own terms. */
public enum Verb {
    /** Send messages to a subject, stored or not. */
    PUBLISH,
    /** Watch subjects, live or from a stream. */
    SUBSCRIBE,
    /** Ask whoever serves a subject. */
    REQUEST,
    /** Fetch and settle what a consumer delivers, and read what its stream holds. */
    CONSUME,
    /** Create, change and delete a consumer, and delete what its stream holds. */
    ADMINISTER;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
