package dev.sluice.flow;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * Ends a response with a body that is complete. Vert.x sends the body of a {@code HEAD} over HTTP/2 like any other, which a
 * client takes for a protocol error (RFC 9110, section 9.3.2).
 */
public final class ResponseBody {
    private ResponseBody() {}

    /** Ends the response of {@code request} with {@code body}; of a {@code HEAD} with the length of {@code body} only. */
    public static Future<Void> end(HttpServerRequest request, Buffer body) {
        HttpServerResponse response = request.response();
        return request.method().equals(HttpMethod.HEAD)
                ? response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
                        .end()
                : response.end(body);
    }
}
