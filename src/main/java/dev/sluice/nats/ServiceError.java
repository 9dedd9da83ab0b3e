package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The report of an error by a NATS service, which comes in two headers of an ordinary reply (ADR-32).
 *
 * @param code the service's own, often one of HTTP's; 0 if it is no number
 * @param description a single line
 */
public record ServiceError(int code, String description) {
    static final String CODE = "Nats-Service-Error-Code";
    static final String DESCRIPTION = "Nats-Service-Error";

    /** The error that {@code reply} reports, if it reports one. */
    public static Optional<ServiceError> of(InboundMessage reply) {
        if (!reply.headers().containsKey(CODE) && !reply.headers().containsKey(DESCRIPTION)) {
            return Optional.empty();
        }
        return Optional.of(new ServiceError(code(first(reply, CODE)), first(reply, DESCRIPTION)));
    }

    /** What a service answers when its work ended in {@code failure}. */
    static ServiceError of(SluiceException failure) {
        int code =
                switch (failure.failure()) {
                    case INVALID, BAD_SUBJECT, RESERVED_SUBJECT, BAD_TOKEN -> 400;
                    case UNAUTHENTICATED -> 401;
                    case FORBIDDEN -> 403;
                    case NOT_FOUND, NO_STREAM, NO_CONSUMER, NO_MESSAGE -> 404;
                    case CONFLICT, IN_PROCESS -> 409;
                    case WRONG_SEQUENCE -> 412;
                    case TOO_LARGE -> 413;
                    case URI_TOO_LONG -> 414;
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
                    case STREAM_FULL, NOT_SUPPORTED, INTERNAL -> 500;
                };
        return new ServiceError(code, String.valueOf(failure.getMessage()));
    }

    /** What the error means to whoever asked. */
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

    /** Kept to printable ASCII: other clients break on anything else in a header. */
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
