package dev.sluice.nats;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Subscription;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of jnats dispatchers that the subscriptions of one component share, because each dispatcher is a
 * thread. Handlers only enqueue, and their owner bounds the messages. So the pending limits of jnats, which drop
 * messages, are disabled. A replacement connection gets new dispatchers; the old ones end with their connection.
 * Thread-safe.
 */
public final class Dispatchers {
    private static final Logger LOG = Logger.getLogger(Dispatchers.class);
    private static final int NOW = -1;

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

    /**
     * Ends {@code subscription}. Does nothing if it has ended, for example with its connection. Returns false if the server
     * was not told, because the outgoing queue is full: it keeps the subscription until the next reconnect.
     */
    public static boolean unsubscribe(Subscription subscription) {
        return unsubscribe(subscription, NOW);
    }

    /** As {@link #unsubscribe(Subscription)}, after {@code messages} messages since its begin. */
    public static boolean unsubscribe(Subscription subscription, int messages) {
        Dispatcher serving = subscription.getDispatcher();
        try {
            if (serving != null) {
                serving.unsubscribe(subscription, messages);
            }
            return true;
        } catch (IllegalStateException fullOrClosed) {
            boolean closed = serving == null || !serving.isActive();
            LOG.debugf("The subscription to %s could not be ended: %s", subscription.getSubject(), fullOrClosed);
            return closed;
        }
    }
}
