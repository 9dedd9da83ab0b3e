package dev.sluice.failure;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The exception for expected failures: a {@link Failure} and a detail message that may be shown to the caller. */
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

    /** Returns the {@code err_code} of the JetStream API error that caused this failure; empty if there is none. */
    public OptionalInt natsErrorCode() {
        return natsErrorCode == 0 ? OptionalInt.empty() : OptionalInt.of(natsErrorCode);
    }
}
