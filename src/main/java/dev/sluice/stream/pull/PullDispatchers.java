package dev.sluice.stream.pull;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import org.jspecify.annotations.Nullable;

/**
 * A few dispatcher threads that all subscriptions of a connection share: jnats spends a thread on each. They only
 * enqueue, and what is in flight is bounded by the pulls, so jnats' own limit, which drops, is off.
 */
final class PullDispatchers {
    private final int size;
    private @Nullable Connection owner;
    private Dispatcher[] pool = {};
    private int next;

    PullDispatchers(int size) {
        this.size = size;
    }

    /** One of {@code connection}'s dispatchers, in turn. Those of a connection that it replaces die with that. */
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
