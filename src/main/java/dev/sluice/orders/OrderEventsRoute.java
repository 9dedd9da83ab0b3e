package dev.sluice.orders;

import dev.sluice.access.Caller;
import dev.sluice.access.Sessions;
import dev.sluice.access.Verb;
import dev.sluice.events.TailService;
import dev.sluice.failure.Failure;
import dev.sluice.flow.AbortedResponse;
import dev.sluice.flow.ContextExecutor;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Serves {@code GET /v1/orders/{order_id}/events}: the current state of one order, then each change. Each client uses
 * one consumer on the server, within the limit on tails.
 */
@Singleton
final class OrderEventsRoute {
    private static final String PATH = "/v1/orders/:orderId/events";

    private final TailService tails;
    private final OrderStates states;
    private final Sessions sessions;
    private final boolean enabled;

    @Inject
    OrderEventsRoute(TailService tails, OrderStates states, Sessions sessions, OrdersConfig config) {
        this.sessions = sessions;
        this.tails = tails;
        this.states = states;
        this.enabled = config.enabled();
    }

    void register(@Observes Router router) {
        if (enabled) {
            router.route(HttpMethod.GET, PATH).handler(this::open);
            router.route(HttpMethod.HEAD, PATH).handler(this::open);
        }
    }

    /**
     * Looks up the order before the stream begins, because the status 404 for an unknown order cannot be sent later.
     */
    private void open(RoutingContext context) {
        String orderId = context.pathParam("orderId");
        if (orderId == null || !orderId.matches(Order.ID)) {
            throw Failure.INVALID.because("order_id " + Order.ID_RULE);
        }
        context.queryParams().names().stream().findFirst().ifPresent(unknown -> {
            throw Failure.INVALID
                    .because("Unknown parameter " + unknown + "; known: none")
                    .in(unknown);
        });
        Caller caller = Caller.of(context);
        caller.require(Verb.SUBSCRIBE, OrderStates.subject(orderId));
        states.findOrAskLeader(orderId)
                .emitOn(ContextExecutor.of(context))
                .chain(state -> {
                    if (state.isEmpty()) {
                        throw Failure.NOT_FOUND.because("There is no order " + orderId);
                    }
                    if (context.request().method().equals(HttpMethod.HEAD)) {
                        tails.describe(context.response());
                        return Uni.createFrom().voidItem();
                    }
                    return tails.open(
                            "order " + orderId,
                            states.watch(orderId).map(OrderStates::write),
                            AbortedResponse.resettable(context),
                            sessions.validity(caller));
                })
                .subscribe()
                .with(begun -> {}, context::fail);
    }
}
