package dev.sluice.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error as a client reads it: {@code application/problem+json}, RFC 9457. Holds nothing that helps an attacker: no
 * class name, no stack trace, no address of the broker.
 *
 * @param type the page that says what to do
 * @param instance the path that was asked for
 * @param violations each broken rule, where a body or parameters break the contract
 * @param traceId of the request, while tracing is on
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        @Nullable String detail,
        @Nullable String instance,
        @JsonProperty("nats_error_code") @Nullable Integer natsErrorCode,
        @JsonProperty("retry_after_ms") @Nullable Long retryAfterMs,
        @Nullable List<Violation> violations,
        @JsonProperty("trace_id") @Nullable String traceId) {

    static final String MEDIA_TYPE = "application/problem+json";

    /**
     * One broken rule.
     *
     * @param field the parameter, or the path of the field in the body
     */
    public record Violation(String field, String rule) {}
}
