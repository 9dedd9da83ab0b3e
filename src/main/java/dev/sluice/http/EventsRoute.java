package dev.sluice.http;

import dev.sluice.access.Caller;
import dev.sluice.access.OpenRequest;
import dev.sluice.access.Sessions;
import dev.sluice.access.Verb;
import dev.sluice.events.TailRequest;
import dev.sluice.events.TailService;
import io.vertx.core.http.HttpMethod;
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

    private final TailService tails;
    private final TailQuery query;
    private final Sessions sessions;

    @Inject
    EventsRoute(TailService tails, TailQuery query, Sessions sessions) {
        this.sessions = sessions;
        this.tails = tails;
        this.query = query;
    }

    void register(@Observes Router router) {
        router.route(HttpMethod.GET, PATH).handler(this::open);
        router.route(HttpMethod.HEAD, PATH).handler(this::describe);
    }

    private void open(RoutingContext context) {
        Caller caller = Caller.of(context);
        TailRequest request = asked(context);
        OpenRequest.of(context).beginFilters(request.sharing(), request.filter().size());
        tails.open(request, context.response(), sessions.validity(caller))
                .subscribe()
                .with(begun -> {}, context::fail);
    }

    /**
     * Writes the response head of a GET without the header {@code Sluice-Source}, because the source is only known
     * after the tail is opened.
     */
    private void describe(RoutingContext context) {
        asked(context);
        tails.describe(context.response());
    }

    private TailRequest asked(RoutingContext context) {
        TailRequest request =
                query.parse(context.queryParams(), context.request().getHeader("Last-Event-ID"));
        Caller.of(context).requireAll(Verb.SUBSCRIBE, request.subjects());
        return request;
    }
}
