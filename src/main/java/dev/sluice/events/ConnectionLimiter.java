package dev.sluice.events;

import dev.sluice.failure.Failure;
import dev.sluice.flow.Permits;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/** How many event streams are open: keeps to the bound, and knows when the last one has left a stopping instance. */
final class ConnectionLimiter {
    private final int limit;
    private final Permits open;
    private final LongAdder refused = new LongAdder();
    private final CompletableFuture<Void> allLeft = new CompletableFuture<>();
    private volatile boolean closing;

    ConnectionLimiter(int limit) {
        this.limit = limit;
        open = new Permits(limit);
    }

    /** @throws dev.sluice.failure.SluiceException {@code TOO_MANY_CONNECTIONS}, and then nobody has to leave */
    void admit() {
        if (!open.take(1)) {
            refused.increment();
            throw Failure.TOO_MANY_CONNECTIONS.because(
                    "This instance serves " + limit + " event streams already (sluice.events.max-connections)");
        }
    }

    void left() {
        if (open.giveBack(1) == 0 && closing) {
            allLeft.complete(null);
        }
    }

    boolean closing() {
        return closing;
    }

    /** Closing from now on; the item comes when all have left, or {@code patience} is over. */
    Uni<Void> close(Duration patience) {
        closing = true;
        if (open.taken() == 0) {
            allLeft.complete(null);
        }
        return Uni.createFrom()
                .completionStage(allLeft)
                .ifNoItem()
                .after(patience)
                .recoverWithUni(Uni.createFrom().voidItem());
    }

    int count() {
        return (int) open.taken();
    }

    long refused() {
        return refused.sum();
    }
}
