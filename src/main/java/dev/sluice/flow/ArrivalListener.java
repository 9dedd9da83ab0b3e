package dev.sluice.flow;

import io.vertx.ext.web.RoutingContext;

/**
 * Is notified about each HTTP request as soon as its head has arrived, before anything is checked. One handler calls
 * all listeners: a handler of its own for each would cost each request a step through the router.
 */
public interface ArrivalListener {

    /** Called on the event loop of {@code exchange}. Must not respond or throw. */
    void arrived(RoutingContext exchange);

    /**
     * Called instead if {@code exchange} passes the routes again: the headers of its response, and the handlers of the end
     * of these headers, were cleared.
     */
    default void rerouted(RoutingContext exchange) {}
}
