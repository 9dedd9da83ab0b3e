package dev.sluice.failure;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The exception for expected failures: a {@link Failure} and a detail message that may be shown to the caller. */
public final class SluiceException extends RuntimeException {
    private final Failure failure;
    private final int natsErrorCode;
    private final Where where;
    private final List<Violation> violations;

    SluiceException(Failure failure, String detail, @Nullable Throwable cause, int natsErrorCode) {
        this(failure, detail, cause, natsErrorCode, Where.UNKNOWN, List.of());
    }

    private SluiceException(
            Failure failure,
            @Nullable String detail,
            @Nullable Throwable cause,
            int natsErrorCode,
            Where where,
            List<Violation> violations) {
        super(detail, cause, false, failure == Failure.INTERNAL);
        this.failure = failure;
        this.natsErrorCode = natsErrorCode;
        this.where = where;
        this.violations = List.copyOf(violations);
    }

    /** What a failure is about. */
    private record Where(
            @Nullable String parameter,
            @Nullable String subject,
            @Nullable String stream) {
        private static final Where UNKNOWN = new Where(null, null, null);
    }

    /** Returns this failure with the name of the query parameter that caused it. */
    public SluiceException in(String parameter) {
        return about(new Where(parameter, where.subject(), where.stream()));
    }

    /** Returns this failure with the subject that it is about. */
    public SluiceException onSubject(String subject) {
        return about(new Where(where.parameter(), subject, where.stream()));
    }

    /** Returns this failure with the stream that it is about. */
    public SluiceException ofStream(String stream) {
        return about(new Where(where.parameter(), where.subject(), stream));
    }

    private SluiceException about(Where known) {
        return new SluiceException(failure, getMessage(), getCause(), natsErrorCode, known, violations);
    }

    /** Returns this failure with another detail message. */
    public SluiceException withDetail(String detail) {
        return new SluiceException(failure, detail, getCause(), natsErrorCode, where, violations);
    }

    /** Returns this failure with the rules that were broken. */
    public SluiceException with(List<Violation> violations) {
        return new SluiceException(failure, getMessage(), getCause(), natsErrorCode, where, violations);
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
        return Optional.ofNullable(where.parameter());
    }

    /** Returns the subject that this failure is about; empty if there is none, or more than one. */
    public Optional<String> subject() {
        return Optional.ofNullable(where.subject());
    }

    /** Returns the stream that this failure is about; empty if there is none, or more than one. */
    public Optional<String> stream() {
        return Optional.ofNullable(where.stream());
    }

    /** Returns the broken rules; empty if the detail message says all. */
    public List<Violation> violations() {
        return violations;
    }
}
