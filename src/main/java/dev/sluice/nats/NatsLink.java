package dev.sluice.nats;

import dev.sluice.failure.Failure;
import io.nats.client.Connection;

/** One supervised connection to NATS. */
public final class NatsLink {

    /** The connection, if NATS can be reached now; else fails {@code UNAVAILABLE}, so that nothing hides in a buffer. */
    public Connection connection() {
        throw Failure.UNAVAILABLE.because("NATS cannot be reached");
    }

    /** Whether NATS can be reached now. Never blocks. */
    public boolean up() {
        return false;
    }

    /** Tells {@code listener} the present state and every change after it, until the returned handle is run. */
    public Runnable listen(LinkListener listener) {
        throw new UnsupportedOperationException();
    }
}
