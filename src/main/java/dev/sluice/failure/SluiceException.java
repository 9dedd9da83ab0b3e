package dev.sluice.failure;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The exception for expected failures: a {@link Failure} and a detail message that may be shown to the caller. */
public final class SluiceException extends RuntimeException {
    private final Failure failure;
    private final int natsErrorCode;
    private final @Nullable String parameter;
    private final List<Violation> violations;

    SluiceException(Failure failure, String detail, @Nullable Throwable cause, int natsErrorCode) {
        this(failure, detail, cause, natsErrorCode, null, List.of());
    }

    private SluiceException(
            Failure failure,
            @Nullable String detail,
            @Nullable Throwable cause,
            int natsErrorCode,
            @Nullable String parameter,
            List<Violation> violations) {
        super(detail, cause, false, failure == Failure.INTERNAL);
        this.failure = failure;
        this.natsErrorCode = natsErrorCode;
        this.parameter = parameter;
        this.violations = List.copyOf(violations);
    }

    /** Returns this failure with the name of the query parameter that caused it. */
    public SluiceException in(String parameter) {
        return new SluiceException(failure, getMessage(), getCause(), natsErrorCode, parameter, violations);
    }

    /** Returns this failure with the rules that were broken. */
    public SluiceException with(List<Violation> violations) {
        return new SluiceException(failure, getMessage(), getCause(), natsErrorCode, parameter, violations);
    }

    public Failure failure() {
        return failure;
    }

    /** Returns the {@code err_code} of the JetStream API error that caused this failure; empty if there is none. */
    public OptionalInt natsErrorCode() {
        return natsErrorCode == 0 ? OptionalInt.empty() : OptionalInt.of(natsErrorCode);
    }

    /** Returns the name of the query parameter that caused this failure; empty if there is none, or more than one. */
    public Optional<String> parameter() {
        return Optional.ofNullable(parameter);
    }

    /** Returns the broken rules; empty if the detail message says all. */
    public List<Violation> violations() {
        return violations;
    }
}
