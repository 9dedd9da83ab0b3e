package dev.sluice.flow;

import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.Executor;

/** Where a result belongs that comes on somebody else's thread. */
public final class ContextExecutor {
    private ContextExecutor() {}

    /** The Vert.x context that is current now, else Mutiny's default executor. */
    public static Executor executor() {
        Context current = Vertx.currentContext();
        return current == null ? Infrastructure.getDefaultExecutor() : work -> current.runOnContext(x -> work.run());
    }
}
