package dev.sluice.nats;

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

    /** The error that {@code reply} reports, if it is none of success. */
    public static Optional<ServiceError> of(InboundMessage reply) {
        if (!reply.headers().containsKey(CODE) && !reply.headers().containsKey(DESCRIPTION)) {
            return Optional.empty();
        }
        return Optional.of(new ServiceError(code(first(reply, CODE)), first(reply, DESCRIPTION)));
    }

    Map<String, List<String>> headers() {
        return Map.of(CODE, List.of(Integer.toString(code)), DESCRIPTION, List.of(description));
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
