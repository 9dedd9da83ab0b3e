package dev.sluice.http.problem;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.failure.Violation;
import dev.sluice.nats.ServiceError;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** The types of problem that a client can receive. The only mapping from {@link Failure} to HTTP. */
public enum ProblemType {
    BAD_SUBJECT(400, "Invalid subject"),
    BAD_TOKEN(400, "Invalid ack token"),
    INVALID(400, "Invalid request"),
    UNAUTHENTICATED(401, "Authentication required"),
    FORBIDDEN(403, "Forbidden"),
    NOT_FOUND(404, "Not found"),
    NO_STREAM(404, "Stream not found"),
    NO_CONSUMER(404, "Consumer not found"),
    NO_MESSAGE(404, "Message not found"),
    NO_BUCKET(404, "Bucket not found"),
    NO_KEY(404, "Key without a value"),
    NO_OBJECT_STORE(404, "Object store not found"),
    NO_OBJECT(404, "Object not found"),
    METHOD_NOT_ALLOWED(405, "Method not allowed"),
    NOT_ACCEPTABLE(406, "Not acceptable"),
    REQUEST_TIMEOUT(408, "Request timeout"),
    CONFLICT(409, "Conflict with the current state"),
    WRONG_SEQUENCE(412, "Precondition failed"),
    WRONG_REVISION(412, "The resource has another revision"),
    TOO_LARGE(413, "Content too large"),
    URI_TOO_LONG(414, "URI too long"),
    UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type"),
    RANGE_NOT_SATISFIABLE(416, "Range not satisfiable"),
    BAD_DIGEST(422, "The content has another digest"),
    OVERLOADED(429, "Too many requests in flight"),
    HEADERS_TOO_LARGE(431, "Request headers too large"),
    INTERNAL(500, "Internal error"),
    NOT_SUPPORTED(501, "Not supported by the NATS server or the stream"),
    UNSUPPORTED_TRANSFER_CODING(501, "Unsupported transfer coding"),
    SERVICE_ERROR(502, "The service returned an error"),
    TOO_MANY_CONNECTIONS(503, "Too many tails"),
    LIMIT_REACHED(503, "NATS limit reached"),
    UNAVAILABLE(503, "Temporarily unavailable"),
    NO_RESPONDERS(503, "No responders"),
    TIMEOUT(504, "No reply in time"),
    STREAM_FULL(507, "Stream full");

    /** {@code quarkus.http.root-path} without a slash at its end: problems also occur where there is no request. */
    private static final String ROOT = ConfigProvider.getConfig()
            .getOptionalValue("quarkus.http.root-path", String.class)
            .map(path -> path.replaceAll("^/*(.*?)/*$", "/$1"))
            .filter(path -> path.length() > 1)
            .orElse("");

    private static final long RETRY_AFTER_MS = 2_000;

    private final int status;
    private final String title;

    ProblemType(int status, String title) {
        this.status = status;
        this.title = title;
    }

    public static ProblemType of(Failure failure) {
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
            case NO_BUCKET -> NO_BUCKET;
            case NO_KEY -> NO_KEY;
            case NO_OBJECT_STORE -> NO_OBJECT_STORE;
            case NO_OBJECT -> NO_OBJECT;
            case BAD_DIGEST -> BAD_DIGEST;
            case CONFLICT, IN_PROCESS -> CONFLICT;
            case WRONG_SEQUENCE -> WRONG_SEQUENCE;
            case WRONG_REVISION -> WRONG_REVISION;
            case TOO_LARGE -> TOO_LARGE;
            case URI_TOO_LONG -> URI_TOO_LONG;
            case HEADERS_TOO_LARGE -> HEADERS_TOO_LARGE;
            case STREAM_FULL -> STREAM_FULL;
            case OVERLOADED, OVERFLOW -> OVERLOADED;
            case TOO_MANY_CONNECTIONS -> TOO_MANY_CONNECTIONS;
            case LIMIT_REACHED -> LIMIT_REACHED;
            case UNAVAILABLE, OUTCOME_UNKNOWN -> UNAVAILABLE;
            case NO_RESPONDERS -> NO_RESPONDERS;
            case NOT_ACCEPTABLE -> NOT_ACCEPTABLE;
            case UNSUPPORTED_MEDIA_TYPE -> UNSUPPORTED_MEDIA_TYPE;
            case UNSUPPORTED_TRANSFER_CODING -> UNSUPPORTED_TRANSFER_CODING;
            case REQUEST_TIMEOUT -> REQUEST_TIMEOUT;
            case TIMEOUT -> TIMEOUT;
            case NOT_SUPPORTED -> NOT_SUPPORTED;
            case INTERNAL -> INTERNAL;
        };
    }

    /** Returns the type for an HTTP status that the framework chose. */
    static ProblemType ofStatus(int status) {
        for (ProblemType type : new ProblemType[] {
            INVALID,
            UNAUTHENTICATED,
            FORBIDDEN,
            NOT_FOUND,
            METHOD_NOT_ALLOWED,
            NOT_ACCEPTABLE,
            TOO_LARGE,
            UNSUPPORTED_MEDIA_TYPE,
            RANGE_NOT_SATISFIABLE
        }) {
            if (type.status == status) {
                return type;
            }
        }
        return status < 500 ? INVALID : INTERNAL;
    }

    public static Problem describe(SluiceException failure, @Nullable String path) {
        ProblemType type = of(failure.failure());
        Integer code =
                failure.natsErrorCode().isPresent() ? failure.natsErrorCode().getAsInt() : null;
        boolean retryable = type.retryable() || failure.failure() == Failure.IN_PROCESS;
        return new Problem(
                type.uri(),
                type.title,
                type.status,
                Objects.requireNonNull(failure.getMessage()),
                path,
                failure.parameter().orElse(null),
                failure.subject().orElse(null),
                failure.stream().orElse(null),
                code,
                retryable ? RETRY_AFTER_MS : null,
                failure.violations().isEmpty() ? null : failure.violations(),
                traceId());
    }

    /** Returns the problem for a status that the framework chose without a reason. */
    public Problem problem(@Nullable String path) {
        String detail =
                switch (this) {
                    case INVALID -> "The request is not valid HTTP: it needs a Host";
                    case UNAUTHENTICATED -> "The request has no valid token";
                    case FORBIDDEN -> "This caller may not do that";
                    case NOT_FOUND -> "There is no such path";
                    case METHOD_NOT_ALLOWED -> "The path does not support this method";
                    case NOT_ACCEPTABLE -> "The header Accept admits no media type of the response";
                    case TOO_LARGE -> "The body is too large";
                    case UNSUPPORTED_MEDIA_TYPE -> "The Content-Type is not supported";
                    case RANGE_NOT_SATISFIABLE -> "The range begins after the end";
                    default -> "The log of the service has details";
                };
        return problem(detail, path);
    }

    public Problem problem(String detail, @Nullable String path) {
        return problem(detail, path, status, retryable() ? RETRY_AFTER_MS : null, null);
    }

    static Problem invalid(List<Violation> violations, @Nullable String path) {
        return invalid("See the violations", violations, path);
    }

    static Problem invalid(String detail, List<Violation> violations, @Nullable String path) {
        return INVALID.problem(detail, path, INVALID.status, null, violations);
    }

    private Problem problem(
            String detail,
            @Nullable String path,
            int itsStatus,
            @Nullable Long retryAfterMs,
            @Nullable List<Violation> violations) {
        return new Problem(
                uri(), title, itsStatus, detail, path, null, null, null, null, retryAfterMs, violations, traceId());
    }

    private static @Nullable String traceId() {
        SpanContext current = Span.current().getSpanContext();
        return current.isValid() ? current.getTraceId() : null;
    }

    /**
     * Returns the problem for an error of a NATS service. Keeps its code as the status if it is an HTTP error status.
     */
    public static Problem ofService(ServiceError error, String path) {
        boolean http = error.code() >= 400 && error.code() <= 599;
        String detail = error.description().isBlank() ? "The service gave no reason" : error.description();
        return SERVICE_ERROR.problem(detail, path, http ? error.code() : SERVICE_ERROR.status, null, null);
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    /** Returns the address of the page of this type: a path, which clients resolve against the address of their request. */
    private String uri() {
        return ROOT + "/problems/" + slug();
    }

    /** Returns the last segment of the address of this type. */
    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private boolean retryable() {
        return switch (this) {
            case OVERLOADED, TOO_MANY_CONNECTIONS, LIMIT_REACHED, UNAVAILABLE -> true;
            default -> false;
        };
    }
}
