package dev.sluice.stream.pull;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of jnats dispatchers that all subscriptions of a connection share, because each dispatcher is a
 * thread. Handlers only enqueue, and the pulls bound the messages in flight. So the pending limits of jnats, which drop
 * messages, are disabled. Thread-safe.
 */
final class PullDispatchers {
    private final int size;
    private @Nullable Connection owner;
    private Dispatcher[] pool = {};
    private int next;

    PullDispatchers(int size) {
        this.size = size;
    }

    /** Returns a dispatcher of {@code connection}, round robin. Dispatchers of a replaced connection end with it. */
    synchronized Dispatcher next(Connection connection) {
        if (owner != connection) {
            owner = connection;
            pool = new Dispatcher[size];
            for (int i = 0; i < size; i++) {
                pool[i] = connection.createDispatcher();
                pool[i].setPendingLimits(0, 0);
            }
        }
        next = (next + 1) % size;
        return pool[next];
    }
}
