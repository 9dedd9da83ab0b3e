package dev.sluice.flow;

import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.Executor;

/** Chooses the executor for results that arrive on another thread. */
public final class ContextExecutor {
    private ContextExecutor() {}

    /** Returns an executor for the current Vert.x context, or else Mutiny's default executor. */
    public static Executor executor() {
        Context current = Vertx.currentContext();
        return current == null ? Infrastructure.getDefaultExecutor() : of(current);
    }

    /** Returns an executor for the event loop of a request. Must be called on it. */
    public static Executor of(RoutingContext request) {
        return of(request.vertx().getOrCreateContext());
    }

    private static Executor of(Context context) {
        return work -> context.runOnContext(ignored -> work.run());
    }
}
