package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An error reported by a NATS service, in two headers of an ordinary reply (ADR-32).
 *
 * @param code the code of the service, often an HTTP status; 0 if it is not a number
 * @param description the error text, a single line
 */
public record ServiceError(int code, String description) {
    static final String CODE = "Nats-Service-Error-Code";
    static final String DESCRIPTION = "Nats-Service-Error";

    /** Returns the error that {@code reply} reports, if any. */
    public static Optional<ServiceError> of(InboundMessage reply) {
        if (!reply.headers().containsKey(CODE) && !reply.headers().containsKey(DESCRIPTION)) {
            return Optional.empty();
        }
        return Optional.of(new ServiceError(code(first(reply, CODE)), first(reply, DESCRIPTION)));
    }

    /** Returns the error with which a responder reports {@code failure}. */
    static ServiceError of(SluiceException failure) {
        int code =
                switch (failure.failure()) {
                    case INVALID, BAD_SUBJECT, RESERVED_SUBJECT, BAD_TOKEN, BAD_DIGEST -> 400;
                    case UNAUTHENTICATED -> 401;
                    case FORBIDDEN -> 403;
                    case NOT_FOUND, NO_STREAM, NO_CONSUMER, NO_MESSAGE, NO_BUCKET, NO_KEY, NO_OBJECT_STORE, NO_OBJECT ->
                        404;
                    case CONFLICT, IN_PROCESS -> 409;
                    case WRONG_SEQUENCE, WRONG_REVISION -> 412;
                    case TOO_LARGE -> 413;
                    case URI_TOO_LONG -> 414;
                    case NOT_ACCEPTABLE -> 406;
                    case UNSUPPORTED_MEDIA_TYPE -> 415;
                    case HEADERS_TOO_LARGE -> 431;
                    case TIMEOUT, REQUEST_TIMEOUT -> 504;
                    case LIMIT_REACHED,
                            OVERLOADED,
                            OVERFLOW,
                            UNAVAILABLE,
                            OUTCOME_UNKNOWN,
                            NO_RESPONDERS,
                            TOO_MANY_CONNECTIONS -> 503;
                    case STREAM_FULL, NOT_SUPPORTED, UNSUPPORTED_TRANSFER_CODING, INTERNAL -> 500;
                };
        return new ServiceError(code, String.valueOf(failure.getMessage()));
    }

    /** Returns the corresponding failure for the requester. */
    public Failure failure() {
        return switch (code) {
            case 400 -> Failure.INVALID;
            case 403 -> Failure.FORBIDDEN;
            case 404 -> Failure.NOT_FOUND;
            case 412 -> Failure.WRONG_SEQUENCE;
            case 413 -> Failure.TOO_LARGE;
            case 504 -> Failure.TIMEOUT;
            default -> Failure.UNAVAILABLE;
        };
    }

    /** Returns the headers, limited to printable ASCII: other clients fail on any other character in a header. */
    Map<String, List<String>> headers() {
        return Map.of(
                CODE, List.of(Integer.toString(code)), DESCRIPTION, List.of(description.replaceAll("[^ -~]", "?")));
    }

    private static String first(InboundMessage reply, String name) {
        return reply.headers().getOrDefault(name, List.of()).stream()
                .findFirst()
                .orElse("");
    }

    private static int code(String text) {
        return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
    }
}
