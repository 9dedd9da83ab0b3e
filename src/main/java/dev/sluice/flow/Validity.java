package dev.sluice.flow;

import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * The time until which something is valid, and a way to ask whether this time has been extended since.
 *
 * @param until the known end; {@link Instant#MAX} for never
 * @param latest looks up the current end
 */
public record Validity(Instant until, Supplier<Uni<Instant>> latest) {

    /** Returns a validity whose end does not change. */
    public static Validity until(Instant end) {
        return new Validity(end, () -> Uni.createFrom().item(end));
    }
}
