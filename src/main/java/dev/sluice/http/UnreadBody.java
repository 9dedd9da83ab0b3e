package dev.sluice.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;

/**
 * The rest of a body that nobody will read. It is thrown away for a moment, because a connection that is closed on
 * unread bytes is reset, and the answer is lost with it; then the sender is cut off.
 */
final class UnreadBody {
    private static final Duration LINGER = Duration.ofSeconds(2);

    private UnreadBody() {}

    /** Called on the request's event loop, before or after the answer is written. */
    static void discard(Vertx vertx, HttpServerRequest request) {
        if (request.isEnded()) {
            return;
        }
        long timer = vertx.setTimer(LINGER.toMillis(), over -> cutOff(request));
        request.exceptionHandler(broken -> vertx.cancelTimer(timer));
        request.endHandler(end -> vertx.cancelTimer(timer));
        request.handler(discarded -> {});
        request.resume();
    }

    /** Ends the exchange at once; what Vert.x does to close a connection waits for a client that does not read. */
    static void cutOff(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2 && request.connection() instanceof ConnectionBase connection) {
            connection.channelHandlerContext().close();
        } else {
            request.response().reset();
        }
    }
}
