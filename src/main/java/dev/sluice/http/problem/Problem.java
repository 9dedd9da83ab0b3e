package dev.sluice.http.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.failure.Violation;
import dev.sluice.flow.RequestPath;
import dev.sluice.flow.ResponseBody;
import dev.sluice.http.JsonText;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An error response, {@code application/problem+json} (RFC 9457). Contains nothing that helps an attacker: no class
 * name, no stack trace, no broker address.
 *
 * @param type address of the page that explains the problem and its solution
 * @param instance path of the request, as its client has sent it
 * @param parameter name of the query parameter that is wrong
 * @param subject subject that has no stream or is not permitted
 * @param stream stream that does not exist or is not permitted
 * @param violations the broken rules, if the body or the parameters are invalid
 * @param traceId trace id of the request, if tracing is on
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        @Nullable String instance,
        @Nullable String parameter,
        @Nullable String subject,
        @Nullable String stream,
        @JsonProperty("nats_error_code") @Nullable Integer natsErrorCode,
        @JsonProperty("retry_after_ms") @Nullable Long retryAfterMs,
        @Nullable List<Violation> violations,
        @JsonProperty("trace_id") @Nullable String traceId) {

    public static final String MEDIA_TYPE = "application/problem+json";

    /** Writes this problem as the response of {@code request}, which it ends. */
    public void writeTo(HttpServerRequest request, ObjectMapper json) {
        HttpServerResponse response = request.response();
        response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE);
        String seconds = retryAfter();
        if (seconds != null) {
            response.putHeader(HttpHeaders.RETRY_AFTER, seconds);
        }
        ResponseBody.end(request, Buffer.buffer(JsonText.of(json, this)));
    }

    /** Returns the value of the header {@code Retry-After}; null if there is none. */
    @Nullable
    String retryAfter() {
        return retryAfterMs == null ? null : Long.toString(TimeUnit.MILLISECONDS.toSeconds(retryAfterMs));
    }

    /** Returns this problem with addresses as the client of {@code request} has to use them. */
    public Problem seenBy(HttpServerRequest request) {
        if (instance == null || request.path() == null) {
            return this;
        }
        return new Problem(
                RequestPath.removedPrefix(request) + type,
                title,
                status,
                detail,
                RequestPath.asSent(request),
                parameter,
                subject,
                stream,
                natsErrorCode,
                retryAfterMs,
                violations,
                traceId);
    }
}
