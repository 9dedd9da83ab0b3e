package dev.sluice.events;

import java.time.Duration;
import java.time.Instant;

/**
 * How long a tail may stay open, and why it ends then: usually to reconnect, or because who opened it is not let in any
 * longer.
 */
record Lifetime(Duration span, CloseReason end) {
    private static final double SPREAD = 0.1;

    /** @param until when the client's identity ends; {@link Instant#MAX} for never */
    static Lifetime of(Duration usual, Instant until) {
        Duration span = ControlEvents.jittered(usual, SPREAD);
        Instant now = Instant.now();
        return until.isBefore(now.plus(span))
                ? new Lifetime(Duration.between(now, until), CloseReason.FORBIDDEN)
                : new Lifetime(span, CloseReason.LIFETIME);
    }
}
