package dev.sluice.http.body;

import dev.sluice.flow.AbortedResponse;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/**
 * Discards the rest of a request body for up to 2 s, and then cuts off the client. If a connection is closed while it
 * has unread bytes, TCP resets it and the response is lost.
 */
public final class BodyDrain {
    private static final Duration LINGER = Duration.ofSeconds(2);

    private BodyDrain() {}

    /**
     * Starts to discard the body. Called on the request's event loop, before or after the response is written. May be called
     * twice, by the code that rejects and by the code that answers. The later call replaces the handlers; the earlier timer
     * finds that the body has ended.
     */
    public static void discard(Vertx vertx, HttpServerRequest request) {
        if (request.isEnded()) {
            return;
        }
        long timer = vertx.setTimer(LINGER.toMillis(), over -> {
            if (!request.isEnded()) {
                AbortedResponse.cutOff(request);
            }
        });
        request.exceptionHandler(broken -> vertx.cancelTimer(timer));
        request.endHandler(end -> vertx.cancelTimer(timer));
        request.handler(discarded -> {});
        request.resume();
    }
}
