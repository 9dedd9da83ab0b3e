package dev.sluice.access;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Instant;

/**
 * Stands in front of everything under {@code /v1}: resources and routes alike see a request only when it knows its
 * {@link Caller}. Probes, problem pages and the page itself tell nobody anything, and are not behind it.
 */
@Singleton
final class Door {
    /** Behind CORS (-300), which answers preflights, and before every resource and route. */
    private static final int ORDER = -100;

    private static final Caller EVERYBODY = new Caller("everybody", Permissions.EVERYTHING, Instant.MAX);

    void register(@Observes Router router) {
        router.route("/v1/*").order(ORDER).handler(Door::letIn);
    }

    private static void letIn(RoutingContext request) {
        EVERYBODY.enter(request);
        request.next();
    }
}
