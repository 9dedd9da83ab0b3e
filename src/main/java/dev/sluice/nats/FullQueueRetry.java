package dev.sluice.nats;

import io.nats.client.Connection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Retries a send after a pause while the outgoing queue of a connection is full. jnats rejects such a send and does not
 * retry it. Ends when the connection is lost. Confined to the link's event thread.
 */
final class FullQueueRetry {
    static final Duration PAUSE = Duration.ofMillis(250);

    private final LinkThreads threads;
    /** The connection that is up, if not all could be sent on it. */
    private @Nullable Connection unfinished;

    FullQueueRetry(LinkThreads threads) {
        this.threads = threads;
    }

    /** Runs {@code sending}, which sends on {@code connection} what is not sent yet, until the queue has room for all. */
    void send(Connection connection, Runnable sending) {
        try {
            sending.run();
            unfinished = null;
        } catch (IllegalStateException fullOrClosed) {
            unfinished = connection;
            threads.later(PAUSE, () -> goOn(connection, sending));
        }
    }

    private void goOn(Connection connection, Runnable sending) {
        if (unfinished == connection) {
            send(connection, sending);
        }
    }

    /** The connection is lost. */
    void stop() {
        unfinished = null;
    }
}
