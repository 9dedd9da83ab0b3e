package dev.sluice.http;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.ServiceError;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The kinds of problem a client can get: the one table from {@link Failure} to HTTP. */
enum ProblemType {
    BAD_SUBJECT(400, "The subject breaks a rule"),
    BAD_TOKEN(400, "The token is not one of this consumer's"),
    INVALID(400, "The request breaks the contract"),
    UNAUTHENTICATED(401, "Who asks is not known"),
    FORBIDDEN(403, "This is not allowed"),
    NOT_FOUND(404, "There is no such thing"),
    NO_STREAM(404, "There is no stream for this"),
    NO_CONSUMER(404, "There is no such consumer"),
    NO_MESSAGE(404, "There is no such message"),
    METHOD_NOT_ALLOWED(405, "This path does not take that method"),
    NOT_ACCEPTABLE(406, "This path does not offer that media type"),
    REQUEST_TIMEOUT(408, "The request did not arrive in time"),
    CONFLICT(409, "What exists does not allow this"),
    WRONG_SEQUENCE(412, "An expectation about the stream does not hold"),
    TOO_LARGE(413, "The message is too large"),
    URI_TOO_LONG(414, "The address is too long"),
    UNSUPPORTED_MEDIA_TYPE(415, "This path does not take that media type"),
    OVERLOADED(429, "Too much is in flight"),
    HEADERS_TOO_LARGE(431, "The headers are too large"),
    INTERNAL(500, "Sluice failed"),
    NOT_SUPPORTED(501, "The server or the stream does not support this"),
    SERVICE_ERROR(502, "The service that was asked reports an error"),
    TOO_MANY_CONNECTIONS(503, "Too many event streams are open"),
    LIMIT_REACHED(503, "A limit of NATS is reached"),
    UNAVAILABLE(503, "NATS is not available"),
    NO_RESPONDERS(503, "Nobody serves this subject"),
    TIMEOUT(504, "No answer in time"),
    STREAM_FULL(507, "The stream is full");

    private static final long RETRY_AFTER_MS = 2_000;

    private final int status;
    private final String title;

    ProblemType(int status, String title) {
        this.status = status;
        this.title = title;
    }

    static ProblemType of(Failure failure) {
        return switch (failure) {
            case BAD_SUBJECT -> BAD_SUBJECT;
            case UNAUTHENTICATED -> UNAUTHENTICATED;
            case RESERVED_SUBJECT, FORBIDDEN -> FORBIDDEN;
            case BAD_TOKEN -> BAD_TOKEN;
            case INVALID -> INVALID;
            case NOT_FOUND -> NOT_FOUND;
            case NO_STREAM -> NO_STREAM;
            case NO_CONSUMER -> NO_CONSUMER;
            case NO_MESSAGE -> NO_MESSAGE;
            case CONFLICT, IN_PROCESS -> CONFLICT;
            case WRONG_SEQUENCE -> WRONG_SEQUENCE;
            case TOO_LARGE -> TOO_LARGE;
            case URI_TOO_LONG -> URI_TOO_LONG;
            case HEADERS_TOO_LARGE -> HEADERS_TOO_LARGE;
            case STREAM_FULL -> STREAM_FULL;
            case OVERLOADED, OVERFLOW -> OVERLOADED;
            case TOO_MANY_CONNECTIONS -> TOO_MANY_CONNECTIONS;
            case LIMIT_REACHED -> LIMIT_REACHED;
            case UNAVAILABLE, OUTCOME_UNKNOWN -> UNAVAILABLE;
            case NO_RESPONDERS -> NO_RESPONDERS;
            case UNSUPPORTED_MEDIA_TYPE -> UNSUPPORTED_MEDIA_TYPE;
            case REQUEST_TIMEOUT -> REQUEST_TIMEOUT;
            case TIMEOUT -> TIMEOUT;
            case NOT_SUPPORTED -> NOT_SUPPORTED;
            case INTERNAL -> INTERNAL;
        };
    }

    /** The problem of an HTTP status that the framework decided on. */
    static ProblemType ofStatus(int status) {
        for (ProblemType type : new ProblemType[] {
            INVALID,
            UNAUTHENTICATED,
            FORBIDDEN,
            NOT_FOUND,
            METHOD_NOT_ALLOWED,
            NOT_ACCEPTABLE,
            TOO_LARGE,
            UNSUPPORTED_MEDIA_TYPE
        }) {
            if (type.status == status) {
                return type;
            }
        }
        return status < 500 ? INVALID : INTERNAL;
    }

    static Problem describe(SluiceException failure, @Nullable String path) {
        ProblemType type = of(failure.failure());
        Integer code =
                failure.natsErrorCode().isPresent() ? failure.natsErrorCode().getAsInt() : null;
        boolean passing = type.retryable() || failure.failure() == Failure.IN_PROCESS;
        return type.problem(failure.getMessage(), path, code, null, passing);
    }

    Problem problem(@Nullable String detail, @Nullable String path) {
        return problem(detail, path, null, null, retryable());
    }

    static Problem invalid(List<Problem.Violation> violations, @Nullable String path) {
        return invalid("See the violations", violations, path);
    }

    static Problem invalid(String detail, List<Problem.Violation> violations, @Nullable String path) {
        return INVALID.problem(detail, path, null, violations, false);
    }

    private Problem problem(
            @Nullable String detail,
            @Nullable String path,
            @Nullable Integer natsErrorCode,
            @Nullable List<Problem.Violation> violations,
            boolean passing) {
        return new Problem(
                "/problems/" + slug(),
                title,
                status,
                detail,
                path,
                natsErrorCode,
                passing ? RETRY_AFTER_MS : null,
                violations,
                traceId());
    }

    private static @Nullable String traceId() {
        SpanContext current = Span.current().getSpanContext();
        return current.isValid() ? current.getTraceId() : null;
    }

    /** The error that a NATS service reports, under its own status if that is one of HTTP's errors. */
    static Problem ofService(ServiceError error, String path) {
        boolean http = error.code() >= 400 && error.code() <= 599;
        return SERVICE_ERROR.problem(error.description(), path, http ? error.code() : SERVICE_ERROR.status);
    }

    private Problem problem(@Nullable String detail, String path, int itsStatus) {
        return new Problem("/problems/" + slug(), title, itsStatus, detail, path, null, null, null, traceId());
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    /** The last part of its address. */
    String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private boolean retryable() {
        return switch (this) {
            case OVERLOADED, TOO_MANY_CONNECTIONS, LIMIT_REACHED, UNAVAILABLE -> true;
            default -> false;
        };
    }
}
