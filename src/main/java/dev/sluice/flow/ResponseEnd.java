package dev.sluice.flow;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;

/**
 * The end of an HTTP exchange, also one that has been. Vert.x tells only handlers that are there when it happens; whoever
 * registers after something asynchronous, such as authentication, may come too late, and would keep for ever what it
 * gives back at the end. All methods are called on the exchange's event loop, and so are the actions.
 */
public final class ResponseEnd {
    private ResponseEnd() {}

    /**
     * Runs {@code action} once: when the client has left before {@code response} was complete, or now if it has left
     * already. Takes the place of the response's own handlers for that.
     */
    public static void whenGone(HttpServerResponse response, Runnable action) {
        Once once = new Once(complete -> action.run());
        response.exceptionHandler(broken -> once.run(false));
        response.closeHandler(closed -> once.run(false));
        if (response.closed()) {
            once.run(false);
        }
    }

    /**
     * Runs {@code action} once: when the exchange has ended, or now if it has ended already.
     *
     * @param action told whether the response was complete
     */
    public static void whenEnded(RoutingContext exchange, Consumer<Boolean> action) {
        Once once = new Once(action);
        HttpServerResponse response = exchange.response();
        exchange.addEndHandler(ended -> once.run(ended.succeeded()));
        if (response.closed() || response.ended()) {
            once.run(response.ended());
        }
    }

    /** Vert.x may tell the same end in more than one way. */
    private static final class Once {
        private final Consumer<Boolean> action;
        private boolean ran;

        Once(Consumer<Boolean> action) {
            this.action = action;
        }

        void run(boolean complete) {
            if (!ran) {
                ran = true;
                action.accept(complete);
            }
        }
    }
}
