package dev.sluice.failure;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The one exception that Sluice throws on purpose: a {@link Failure} and a sentence that a caller may read. */
public final class SluiceException extends RuntimeException {
    private final Failure failure;
    private final int natsErrorCode;

    SluiceException(Failure failure, String detail, @Nullable Throwable cause, int natsErrorCode) {
        super(detail, cause, false, failure == Failure.INTERNAL);
        this.failure = failure;
        this.natsErrorCode = natsErrorCode;
    }

    public Failure failure() {
        return failure;
    }

    /** The {@code err_code} of the JetStream API error behind this failure, where there is one. */
    public OptionalInt natsErrorCode() {
        return natsErrorCode == 0 ? OptionalInt.empty() : OptionalInt.of(natsErrorCode);
    }
}
