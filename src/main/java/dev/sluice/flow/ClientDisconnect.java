package dev.sluice.flow;

import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * Tells the disconnect of an HTTP client from other failures. Reading and writing fail with it, on other threads perhaps
 * before the response itself is known to be closed.
 */
public final class ClientDisconnect {
    /** Maximum number of causes to look at, if they form a circle. */
    private static final int MOST_CAUSES = 20;

    private ClientDisconnect() {}

    /** Returns whether {@code failure}, or one of its causes, is the disconnect of a client. */
    public static boolean caused(@Nullable Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MOST_CAUSES; i++) {
            if (cause instanceof HttpClosedException
                    || cause instanceof StreamResetException
                    || cause instanceof ClosedChannelException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
