package dev.sluice.events;

import dev.sluice.failure.Failure;
import dev.sluice.flow.Limit;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Limits the number of open tails, and detects the end of the last one during shutdown. Thread-safe. */
final class ConnectionLimiter {
    private final Limit open;
    private final CompletableFuture<Void> allLeft = new CompletableFuture<>();
    private volatile boolean closing;

    ConnectionLimiter(int limit) {
        open = new Limit("sluice.events.max-connections", limit);
    }

    /**
     * Admits one tail; {@link #left} must be called when it ends.
     *
     * @throws dev.sluice.failure.SluiceException {@code TOO_MANY_CONNECTIONS}; then {@link #left} must not be called
     */
    void admit() {
        if (!open.tryTake(1)) {
            throw Failure.TOO_MANY_CONNECTIONS.because(
                    "This instance already serves " + open.max() + " tails (" + open.key() + ")");
        }
    }

    void left() {
        if (open.release(1) == 0 && closing) {
            allLeft.complete(null);
        }
    }

    boolean closing() {
        return closing;
    }

    /** Starts closing. The item is emitted when all tails have ended, or after {@code timeout}. */
    Uni<Void> close(Duration timeout) {
        closing = true;
        if (open.taken() == 0) {
            allLeft.complete(null);
        }
        return Uni.createFrom()
                .completionStage(allLeft::copy)
                .ifNoItem()
                .after(timeout)
                .recoverWithUni(Uni.createFrom().voidItem());
    }

    int count() {
        return (int) open.taken();
    }

    Limit limit() {
        return open;
    }
}
