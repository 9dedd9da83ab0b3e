package dev.sluice.http;

import dev.sluice.flow.ArrivalListener;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;

/**
 * Closes the connection after an HTTP/1.0 response of unknown length (RFC 9112, section 6.3), because HTTP/1.0 has no
 * chunked encoding. Without this the server keeps the connection open if the client asks for keep-alive, and the
 * client, often a proxy, waits forever for the end.
 */
@Singleton
final class CloseDelimited implements ArrivalListener {

    @Override
    public void arrived(RoutingContext context) {
        if (context.request().version() == HttpVersion.HTTP_1_0) {
            HttpServerResponse response = context.response();
            context.addHeadersEndHandler(begun -> {
                if (isUnknownLength(response)) {
                    response.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
                }
            });
            context.addEndHandler(ended -> {
                if (isUnknownLength(response)) {
                    context.request().connection().close();
                }
            });
        }
    }

    private static boolean isUnknownLength(HttpServerResponse response) {
        return !response.headers().contains(HttpHeaders.CONTENT_LENGTH);
    }
}
