package dev.sluice.nats;

import dev.sluice.failure.Failure;
import io.nats.client.Connection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** One supervised connection to NATS. */
public final class NatsLink {
    private final List<LinkListener> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable Connection usable;

    /** The connection, if NATS can be reached now; else fails {@code UNAVAILABLE}, so that nothing hides in a buffer. */
    public Connection connection() {
        Connection now = usable;
        if (now == null) {
            throw Failure.UNAVAILABLE.because("NATS cannot be reached");
        }
        return now;
    }

    /** Whether NATS can be reached now. Never blocks. */
    public boolean up() {
        return usable != null;
    }

    /** Tells {@code listener} the present state and every change after it, until the returned handle is run. */
    public Runnable listen(LinkListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void up(Connection connection) {
        usable = connection;
        listeners.forEach(listener -> listener.up(connection));
    }
}
