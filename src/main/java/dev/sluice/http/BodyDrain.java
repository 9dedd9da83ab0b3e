package dev.sluice.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/**
 * The rest of a body that nobody will read. It is thrown away for a moment, because a connection that is closed on
 * unread bytes is reset, and the answer is lost with it; then the sender is cut off.
 */
final class BodyDrain {
    private static final Duration LINGER = Duration.ofSeconds(2);

    private BodyDrain() {}

    /** Called on the request's event loop, before or after the answer is written. */
    static void discard(Vertx vertx, HttpServerRequest request) {
        if (request.isEnded()) {
            return;
        }
        long timer = vertx.setTimer(LINGER.toMillis(), over -> AbortedResponse.cutOff(request));
        request.exceptionHandler(broken -> vertx.cancelTimer(timer));
        request.endHandler(end -> vertx.cancelTimer(timer));
        request.handler(discarded -> {});
        request.resume();
    }
}
