package dev.sluice.nats;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs the handlers of some subscriptions of a connection on its reader thread. A dispatcher of jnats is a thread that is
 * woken for the messages of almost every read; for handlers that only match a reply, that costs more than the handlers.
 *
 * <p>jnats puts the messages of a subscription without a dispatcher into a queue of their own. Before each read of the socket,
 * {@link LenientDataPort} calls {@link #deliver}, which passes on what the read before has brought. So the queues are bounded by
 * one read. Each read looks into all of them, so this is for a few subscriptions of a connection.
 */
final class ReaderDispatcher {
    private static final Logger LOG = Logger.getLogger(ReaderDispatcher.class);
    /** jnats does not wait without a timeout. It is only asked if there is a message. */
    private static final @Nullable Duration AT_ONCE = null;

    private record Handled(Subscription subscription, MessageHandler handler) {}

    private final List<Handled> subscriptions = new CopyOnWriteArrayList<>();

    /** Returns the dispatcher of a connection that a {@link LinkSession} has made. */
    static ReaderDispatcher of(Connection connection) {
        return ((LinkSession) connection.getOptions().getConnectionListener()).readerDispatcher();
    }

    /**
     * Subscribes until the connection is closed. jnats subscribes again after a reconnect.
     *
     * @param handler called on the reader thread, for one message at a time; must not block
     * @throws IllegalStateException if the connection is closed or its buffer is full
     */
    void subscribe(Connection connection, String subject, MessageHandler handler) {
        Subscription subscription = connection.subscribe(subject);
        subscription.setPendingLimits(0, 0);
        subscriptions.add(new Handled(subscription, handler));
    }

    /** Passes on all messages that have arrived. Called on the reader thread, which would end if it were interrupted. */
    void deliver() {
        for (Handled handled : subscriptions) {
            Message message = next(handled.subscription);
            while (message != null) {
                handle(handled, message);
                message = next(handled.subscription);
            }
        }
    }

    private static @Nullable Message next(Subscription subscription) {
        if (subscription.getPendingMessageCount() <= 0) {
            return null;
        }
        try {
            return subscription.nextMessage(AT_ONCE);
        } catch (IllegalStateException | InterruptedException ended) {
            return null;
        }
    }

    private static void handle(Handled handled, Message message) {
        try {
            handled.handler.onMessage(message);
        } catch (InterruptedException | RuntimeException | Error fault) {
            LOG.errorf(fault, "A message on %s could not be handled", message.getSubject());
        }
    }
}
