package dev.sluice.cloudevents;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.failure.Violation;
import java.util.List;

/** The failure of an event that breaks the specification. */
final class InvalidCloudEvent {
    private InvalidCloudEvent() {}

    /** @param violations at least one; the detail states the first */
    static SluiceException of(List<Violation> violations) {
        Violation first = violations.get(0);
        return of("Not a valid CloudEvent: " + first.field() + " " + first.rule(), violations);
    }

    static SluiceException of(String detail, List<Violation> violations) {
        return Failure.INVALID.because(detail).with(violations);
    }
}
