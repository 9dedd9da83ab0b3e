package dev.sluice.access;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.util.Locale;

/** The limits of {@code sluice.access.limits}, named after their keys. A rejection names the key of its limit. */
public enum AccessLimit {
    /** Requests per second of one caller. */
    REQUESTS_PER_SECOND,
    /** Request body bytes per second of one caller. */
    BYTES_PER_SECOND,
    /** Concurrent requests of one caller. */
    OPEN_REQUESTS,
    /** Concurrent fetches of one caller. */
    OPEN_FETCHES,
    /** Concurrent publishes of several messages of one caller. */
    OPEN_BULK_PUBLISHES,
    /** Concurrent reads of stored messages of one caller. */
    OPEN_READS,
    /** Concurrent listings of keys and objects of one caller. */
    OPEN_LISTINGS,
    /** Concurrent uploads of objects of one caller. */
    OPEN_UPLOADS,
    /** Concurrent downloads of objects of one caller. */
    OPEN_DOWNLOADS,
    /** Distinct filters of one caller's tails. */
    OPEN_FILTERS,
    /** Requests per second of all callers. */
    INSTANCE_REQUESTS_PER_SECOND,
    /** Request body bytes per second of all callers. */
    INSTANCE_BYTES_PER_SECOND,
    /** Distinct filters of the tails of all callers. */
    INSTANCE_OPEN_FILTERS,
    /** Questions per second to the token issuers. */
    INTROSPECTIONS_PER_SECOND;

    /** Returns the configuration key. */
    public String key() {
        return "sluice.access.limits." + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    SluiceException reached(String rule) {
        return Failure.OVERLOADED.because(rule + " (" + key() + ")");
    }
}
