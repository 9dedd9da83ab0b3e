package dev.sluice.flow;

import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The time until which something is valid, a way to ask whether this time has been extended since, and whether it has
 * been revoked.
 *
 * @param until the known end; {@link Instant#MAX} for never
 * @param latest looks up the current end
 * @param revoked returns whether it has ended before its time; asked once a second, so it must not wait
 */
public record Validity(Instant until, Supplier<Uni<Instant>> latest, BooleanSupplier revoked) {

    /** Returns a validity whose end does not change. */
    public static Validity until(Instant end) {
        return new Validity(end, () -> Uni.createFrom().item(end), () -> false);
    }
}
