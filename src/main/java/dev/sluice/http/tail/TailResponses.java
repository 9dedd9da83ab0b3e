package dev.sluice.http.tail;

import dev.sluice.access.Caller;
import dev.sluice.access.OpenRequest;
import dev.sluice.access.Sessions;
import dev.sluice.events.TailRequest;
import dev.sluice.events.TailService;
import dev.sluice.flow.AbortedResponse;
import dev.sluice.flow.ContextExecutor;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

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

    /** Opens the tail, which ends when the caller's identity expires. */
    void open(RoutingContext context, TailRequest request) {
        // The caller is known already. The state of its authentication is a seventh of the memory of an idle tail.
        context.remove(QuarkusHttpUser.DEFERRED_IDENTITY_KEY);
        OpenRequest.of(context).beginFilters(request.sharing(), request.filter().size());
        tails.open(request, AbortedResponse.resettable(context), sessions.validity(Caller.of(context)))
                .subscribe()
                .with(begun -> {}, context::fail);
    }

    /**
     * Writes the response head of a GET without the header {@code Sluice-Source}, because the source is only known
     * after the tail is opened.
     */
    void describe(RoutingContext context) {
        tails.describe(context.response());
    }

    /** As {@link #describe(RoutingContext)}, after {@code watched} was found; its failure is that of the request. */
    void describe(RoutingContext context, Uni<?> watched) {
        watched.emitOn(ContextExecutor.of(context)).subscribe().with(found -> describe(context), context::fail);
    }
}
