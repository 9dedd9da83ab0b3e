package dev.sluice.http.tail;

import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.events.TailRequest;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * {@code GET /v1/events}. This is a route and not a resource because the fan-out writes the response itself: as bytes,
 * to many sockets at once, until the client disconnects.
 */
@Singleton
final class EventsRoute {
    private static final String PATH = "/v1/events";

    private final TailResponses tails;
    private final TailQuery query;

    @Inject
    EventsRoute(TailResponses tails, TailQuery query) {
        this.tails = tails;
        this.query = query;
    }

    void register(@Observes Router router) {
        tails.serve(router, PATH, this::asked, context -> Uni.createFrom().voidItem());
    }

    private TailRequest asked(RoutingContext context) {
        TailRequest request =
                query.parse(context.queryParams(), context.request().getHeader("Last-Event-ID"));
        Caller.of(context).requireAll(Verb.SUBSCRIBE, request.subjects());
        return request;
    }
}
