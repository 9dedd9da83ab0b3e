package dev.sluice.events;

import dev.sluice.flow.Validity;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;

/**
 * The maximum lifetime of a tail and the reason for its end: usually to reconnect, or because the caller is not
 * authorized any more.
 *
 * @param span the time from now on; not positive if it is over
 * @param last when the tail ends even if the caller is still authorized
 */
record Lifetime(Duration span, CloseReason end, Instant last, Validity validity) {
    private static final double SPREAD = 0.1;

    /** @param validity when the client's identity expires */
    static Lifetime of(Duration usual, Validity validity) {
        return of(Instant.now().plus(ControlEvents.jittered(usual, SPREAD)), validity, validity.until());
    }

    /** Looks up whether the client's identity has been extended, and returns the lifetime that is left. */
    Uni<Lifetime> latest() {
        return validity.latest().get().map(until -> of(last, validity, until));
    }

    private static Lifetime of(Instant last, Validity validity, Instant until) {
        Instant now = Instant.now();
        return until.isBefore(last)
                ? new Lifetime(Duration.between(now, until), CloseReason.FORBIDDEN, last, validity)
                : new Lifetime(Duration.between(now, last), CloseReason.LIFETIME, last, validity);
    }

    /** Returns whether the client's identity has ended before its time. */
    boolean revoked() {
        return validity.revoked().getAsBoolean();
    }

    boolean over() {
        return span.isNegative() || span.isZero();
    }
}
