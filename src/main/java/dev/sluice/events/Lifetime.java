package dev.sluice.events;

import dev.sluice.flow.Validity;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;

/**
 * The maximum lifetime of a tail and the reason for its end: usually to reconnect, or because the caller is not
 * authorized any more.
 *
 * @param span the time from now on; not positive if it has expired
 * @param reason reason for the end
 * @param latestEnd when the tail ends even if the caller is still authorized
 */
record Lifetime(Duration span, CloseReason reason, Instant latestEnd, Validity validity) {
    private static final double SPREAD = 0.1;

    /** @param validity when the client's identity expires */
    static Lifetime of(Duration maximum, Validity validity) {
        return of(Instant.now().plus(ControlEvents.jittered(maximum, SPREAD)), validity, validity.until());
    }

    /** Looks up whether the client's identity has been extended, and returns the lifetime that is left. */
    Uni<Lifetime> latest() {
        return validity.latest().get().map(until -> of(latestEnd, validity, until));
    }

    private static Lifetime of(Instant latestEnd, Validity validity, Instant until) {
        Instant now = Instant.now();
        return until.isBefore(latestEnd)
                ? new Lifetime(Duration.between(now, until), CloseReason.FORBIDDEN, latestEnd, validity)
                : new Lifetime(Duration.between(now, latestEnd), CloseReason.LIFETIME, latestEnd, validity);
    }

    /** Returns whether the client's identity has ended before its time. */
    boolean revoked() {
        return validity.revoked().getAsBoolean();
    }

    boolean expired() {
        return span.isNegative() || span.isZero();
    }
}
