package dev.sluice.nats;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of jnats dispatchers that the subscriptions of one component share, because each dispatcher is a
 * thread. Handlers only enqueue, and their owner bounds the messages. So the pending limits of jnats, which drop
 * messages, are disabled. A replacement connection gets new dispatchers; the old ones end with their connection.
 * Thread-safe.
 */
public final class Dispatchers {
    private final int size;
    private @Nullable Connection owner;
    private Dispatcher[] pool = {};
    private int next;

    public Dispatchers(int size) {
        this.size = size;
    }

    /**
     * Returns the dispatcher of {@code connection} for subscription {@code number}, the same one for each call.
     *
     * @throws IllegalStateException if the connection is closed
     */
    public synchronized Dispatcher of(Connection connection, int number) {
        if (owner != connection) {
            Dispatcher[] fresh = new Dispatcher[size];
            for (int i = 0; i < size; i++) {
                fresh[i] = connection.createDispatcher();
                fresh[i].setPendingLimits(0, 0);
            }
            pool = fresh;
            owner = connection;
        }
        return pool[Math.floorMod(number, size)];
    }

    /** Returns a dispatcher of {@code connection}, round robin; otherwise as {@link #of}. */
    public synchronized Dispatcher next(Connection connection) {
        return of(connection, next++);
    }
}
