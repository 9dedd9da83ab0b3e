package dev.sluice.http.tail;

import dev.sluice.access.Caller;
import dev.sluice.access.OpenRequest;
import dev.sluice.access.Sessions;
import dev.sluice.events.TailRequest;
import dev.sluice.events.TailService;
import dev.sluice.flow.AbortedResponse;
import dev.sluice.http.body.UniResponse;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.Function;

/** Answers requests for a tail or a watch: opens it, or answers with only its head. */
@Singleton
final class TailResponses {
    private final TailService tails;
    private final Sessions sessions;

    @Inject
    TailResponses(TailService tails, Sessions sessions) {
        this.tails = tails;
        this.sessions = sessions;
    }

    /**
     * Serves {@code GET} and {@code HEAD} of a path. The head has no header {@code Sluice-Source}, because the source is only
     * known after the tail is opened.
     *
     * @param asked reads the request and checks the permissions of its caller
     * @param watched finds what is watched; its failure is that of a HEAD
     */
    void serve(
            Router router,
            String path,
            Function<RoutingContext, TailRequest> asked,
            Function<RoutingContext, Uni<?>> watched) {
        router.route(HttpMethod.GET, path).handler(context -> open(context, asked.apply(context)));
        router.route(HttpMethod.HEAD, path).handler(context -> {
            TailRequest unused = asked.apply(context);
            UniResponse.send(context, watched.apply(context), found -> tails.describe(context.response()));
        });
    }

    /** Opens the tail, which ends when the caller's identity expires. */
    private void open(RoutingContext context, TailRequest request) {
        // The caller is known already. The state of its authentication is a seventh of the memory of an idle tail.
        context.remove(QuarkusHttpUser.DEFERRED_IDENTITY_KEY);
        OpenRequest.of(context).beginFilters(request.sharing(), request.filter().size());
        tails.open(request, AbortedResponse.resettable(context), sessions.validity(Caller.of(context)))
                .subscribe()
                .with(begun -> {}, context::fail);
    }
}
