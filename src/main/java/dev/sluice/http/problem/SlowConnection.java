package dev.sluice.http.problem;

import dev.sluice.failure.Failure;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * Closes an HTTP/1 connection whose request did not arrive in time, and says so in the response (RFC 9110, section 15.5.9). A
 * client would otherwise send its next request on a connection that ends. HTTP/2 ends only the stream.
 */
final class SlowConnection {
    private SlowConnection() {}

    /**
     * Closes the connection when the request and its response have ended, if {@code failure} is {@code REQUEST_TIMEOUT}. Called
     * before the response is written. {@code BodyDrain} closes the connection of a request that does not end.
     */
    static void closeAfter(@Nullable Throwable failure, RoutingContext context) {
        HttpServerRequest request = context.request();
        if (failure == null || !Failure.REQUEST_TIMEOUT.matches(failure) || request.version() == HttpVersion.HTTP_2) {
            return;
        }
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        context.addEndHandler(sent -> {
            if (request.isEnded()) {
                request.connection().close();
            } else {
                request.endHandler(end -> request.connection().close());
            }
        });
    }
}
