package dev.sluice.events;

import java.time.Duration;
import java.time.Instant;

/**
 * The maximum lifetime of a tail and the reason for its end: usually to reconnect, or because the caller is not
 * authorized any more.
 */
record Lifetime(Duration span, CloseReason end) {
    private static final double SPREAD = 0.1;

    /** @param until when the client's identity expires; {@link Instant#MAX} for never */
    static Lifetime of(Duration usual, Instant until) {
        Duration span = ControlEvents.jittered(usual, SPREAD);
        Instant now = Instant.now();
        return until.isBefore(now.plus(span))
                ? new Lifetime(Duration.between(now, until), CloseReason.FORBIDDEN)
                : new Lifetime(span, CloseReason.LIFETIME);
    }
}
