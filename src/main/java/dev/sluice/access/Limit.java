package dev.sluice.access;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.util.Locale;

/** What {@code sluice.access.limits} bounds, under the names of its keys: whoever is refused learns which one it was. */
public enum Limit {
    /** Requests of one caller. */
    REQUESTS_PER_SECOND,
    /** Bytes of one caller. */
    BYTES_PER_SECOND,
    /** Requests of one caller that are open at once. */
    OPEN_REQUESTS,
    /** Fetches among them. */
    OPEN_FETCHES,
    /** Distinct filters of one caller's event streams. */
    OPEN_FILTERS,
    /** Requests of everybody. */
    INSTANCE_REQUESTS_PER_SECOND,
    /** Bytes of everybody. */
    INSTANCE_BYTES_PER_SECOND,
    /** Distinct filters of everybody's event streams. */
    INSTANCE_OPEN_FILTERS;

    String key() {
        return "sluice.access.limits." + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    SluiceException reached(String rule) {
        return Failure.OVERLOADED.because(rule + " (" + key() + ")");
    }
}
