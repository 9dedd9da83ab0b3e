package dev.sluice.flow;

import dev.sluice.failure.Causes;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * Tells the disconnect of an HTTP client from other failures. Reading and writing fail with it, on other threads perhaps
 * before the response itself is known to be closed.
 */
public final class ClientDisconnect {
    private ClientDisconnect() {}

    /** Returns whether {@code failure}, or one of its causes, is the disconnect of a client. */
    public static boolean caused(@Nullable Throwable failure) {
        return Causes.of(failure)
                .anyMatch(cause -> cause instanceof HttpClosedException
                        || cause instanceof StreamResetException
                        || cause instanceof ClosedChannelException);
    }
}
