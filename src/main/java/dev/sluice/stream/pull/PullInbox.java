package dev.sluice.stream.pull;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import org.jboss.logging.Logger;

/**
 * Where the answers to a session's pulls arrive: one wildcard subscription on a shared dispatcher. Its last token is the
 * number of the pull, by which a status is told from one of an earlier epoch. It survives a reconnect of its connection,
 * and with it the pulls that the server still holds.
 */
final class PullInbox implements MessageHandler {
    private static final Logger LOG = Logger.getLogger(PullInbox.class);
    private static final int RADIX = 36;
    private static final long NO_PULL = -1;
    private static final int NOW = -1;

    /** What arrives. Called on a dispatcher thread, which several sessions share: to be handed on, nothing else. */
    interface Receiver {
        void message(Message message, AckSubject position);

        void status(PullSignal signal);

        void unreadable(Message message);
    }

    private final Connection connection;
    private final Dispatcher dispatcher;
    private final Receiver receiver;
    private final String prefix;
    private final Subscription subscription;
    private volatile boolean closing;

    PullInbox(Connection connection, Dispatcher dispatcher, Receiver receiver) {
        this.connection = connection;
        this.dispatcher = dispatcher;
        this.receiver = receiver;
        this.prefix = connection.createInbox() + ".";
        this.subscription = dispatcher.subscribe(prefix + "*", this);
    }

    Connection connection() {
        return connection;
    }

    /** Sends one pull. Throws {@link IllegalStateException} if the connection takes nothing now. */
    void pull(String subject, PullBudget.Pull pull, String terms) {
        String limit = pull.maxBytes() == 0 ? "" : ",\"max_bytes\":" + pull.maxBytes();
        String request = "{\"batch\":" + pull.batch() + limit + terms + "}";
        String replyTo = prefix + Long.toString(pull.number(), RADIX);
        connection.publish(subject, replyTo, request.getBytes(StandardCharsets.US_ASCII));
    }

    /** Asks for nothing any more: the server ends the pulls that it still holds, since nobody is interested in them. */
    void close() {
        unsubscribe(NOW);
    }

    /**
     * Asks for nothing any more from the next message on, but what is under way arrives nevertheless, until
     * {@link #close} is called. After a plain unsubscribe the client drops it, and the consumer would wait for its acks
     * in vain.
     *
     * <p>An unsubscribe after a number of messages does both: the server counts what it has sent, which is more than that
     * number if anything is under way, and ends at once; the client counts what it has handled, and each further message
     * moves its number on by one. All of that happens on the dispatcher's thread, where the count stands still.
     */
    void closeBehindWhatIsUnderWay() {
        closing = true;
    }

    private void awaitOneMore() {
        unsubscribe((int) Math.min(subscription.getDeliveredCount() + 1, Integer.MAX_VALUE));
    }

    private void unsubscribe(int after) {
        try {
            dispatcher.unsubscribe(subscription, after);
        } catch (IllegalStateException closed) {
            LOG.debugf("Inbox %s ended with its connection", prefix);
        }
    }

    @Override
    public void onMessage(Message message) {
        if (closing) {
            awaitOneMore();
        }
        AckSubject position = AckSubject.parse(message.getReplyTo());
        if (!message.isStatusMessage() && position != null) {
            receiver.message(message, position);
        } else if (message.isStatusMessage() && position == null) {
            receiver.status(signal(message));
        } else {
            receiver.unreadable(message);
        }
    }

    private PullSignal signal(Message message) {
        String description = String.valueOf(message.getStatus().getMessage());
        PullStatus status = PullStatus.of(message.getStatus().getCode(), description);
        return new PullSignal(
                pullNumber(message.getSubject()),
                status,
                description,
                figure(message.getHeaders(), "Nats-Pending-Messages"),
                figure(message.getHeaders(), "Nats-Pending-Bytes"));
    }

    private long pullNumber(String subject) {
        if (!subject.startsWith(prefix)) {
            return NO_PULL;
        }
        try {
            return Long.parseUnsignedLong(subject, prefix.length(), subject.length(), RADIX);
        } catch (NumberFormatException e) {
            return NO_PULL;
        }
    }

    private static long figure(Headers headers, String name) {
        return headers == null ? NO_PULL : AckSubject.digits(headers.getFirst(name));
    }
}
