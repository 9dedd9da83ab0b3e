package dev.sluice.flow;

import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;

/**
 * Notifies about the end of an HTTP exchange, also if it has already ended. Vert.x notifies only the handlers that are
 * registered before the end. Code that registers after an asynchronous step, for example authentication, may be too
 * late and would never release its resources. All methods and actions run on the event loop of the exchange.
 */
public final class ResponseEnd {
    private ResponseEnd() {}

    /**
     * Runs {@code action} once: when the client disconnects before {@code response} is complete, or immediately if it
     * already has. Replaces the response's exception and close handlers.
     */
    public static void whenGone(HttpServerResponse response, Runnable action) {
        Once once = new Once(response, complete -> action.run());
        response.exceptionHandler(broken -> once.run(false));
        response.closeHandler(closed -> once.run(false));
        if (response.closed()) {
            once.run(false);
        }
    }

    /**
     * Runs {@code action} once: when the exchange has ended, or immediately if it has already ended.
     *
     * @param action receives whether the response was complete
     */
    public static void whenEnded(RoutingContext exchange, Consumer<Boolean> action) {
        HttpServerResponse response = exchange.response();
        Once once = new Once(response, action);
        exchange.addEndHandler(once);
        if (response.closed() || response.ended()) {
            once.run(response.ended());
        }
    }

    /** Runs the action once; Vert.x may report the same end in more than one way. */
    private static final class Once implements Handler<AsyncResult<Void>> {
        private final HttpServerResponse response;
        private final Consumer<Boolean> action;
        private boolean ran;

        Once(HttpServerResponse response, Consumer<Boolean> action) {
            this.response = response;
            this.action = action;
        }

        @Override
        public void handle(AsyncResult<Void> ended) {
            run(ended.succeeded() && response.ended());
        }

        void run(boolean complete) {
            if (!ran) {
                ran = true;
                action.accept(complete);
            }
        }
    }
}
