package dev.sluice.stream.pull;

import dev.sluice.nats.Dispatchers;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;

/**
 * The inbox of a session's pulls: one wildcard subscription on a shared dispatcher. The last subject token is the pull
 * number, which identifies a status of an earlier epoch. The inbox survives a reconnect of its connection, and so do
 * the pulls that the server still holds.
 */
final class PullInbox implements MessageHandler {
    private static final int RADIX = 36;
    private static final long NO_PULL = -1;
    /** The heartbeat exceeds half of the expiry. */
    private static final byte[] REFUSED =
            "{\"batch\":1,\"expires\":1,\"idle_heartbeat\":1}".getBytes(StandardCharsets.US_ASCII);

    /**
     * Receives replies to pulls. Called on a dispatcher thread that several sessions share, so it must only enqueue.
     */
    interface Receiver {
        void message(Message message, AckSubject position);

        void status(PullSignal signal);

        void unreadable(Message message);
    }

    private final Connection connection;
    private final Receiver receiver;
    private final String prefix;
    private final Subscription subscription;
    private volatile boolean closing;
    private volatile boolean received;

    PullInbox(Connection connection, Dispatcher dispatcher, Receiver receiver) {
        this.connection = connection;
        this.receiver = receiver;
        this.prefix = connection.createInbox() + ".";
        this.subscription = dispatcher.subscribe(prefix + "*", this);
    }

    /** Sends one pull. Throws {@link IllegalStateException} if the connection is closed or its buffer is full. */
    void pull(String subject, PullBudget.Pull pull, String terms) {
        String limit = pull.maxBytes() == 0 ? "" : ",\"max_bytes\":" + pull.maxBytes();
        String request = "{\"batch\":" + pull.batch() + limit + terms + "}";
        connection.publish(subject, replyTo(pull.number()), request.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Sends a pull that every server refuses at once: it takes no message and no place among the waiting pulls. Throws
     * as {@link #pull}.
     */
    void fence(String subject, long number) {
        connection.publish(subject, replyTo(number), REFUSED);
    }

    private String replyTo(long number) {
        return prefix + Long.toString(number, RADIX);
    }

    /** Returns whether anything was received, so that the server has accepted the subscription. */
    boolean hasReceived() {
        return received;
    }

    /** Unsubscribes. The server then ends the pulls that it still holds, because there is no interest in them. */
    void close() {
        Dispatchers.unsubscribe(subscription);
    }

    /**
     * Unsubscribes at the server when the next message is received, but still receives the messages in flight until
     * {@link #close} is called. After a plain unsubscribe the client drops them, and their acks would never come.
     *
     * <p>An unsubscribe after a number of messages does both. The server counts the messages that it has sent; if
     * messages are in flight this exceeds the number, and the server unsubscribes immediately. The client counts the
     * messages that it has handled, and each further message raises its number by one. All of this runs on the
     * dispatcher thread, where the count cannot change concurrently.
     */
    void closeAfterInFlight() {
        closing = true;
    }

    private void awaitOneMore() {
        int messages = (int) Math.min(subscription.getDeliveredCount() + 1, Integer.MAX_VALUE);
        Dispatchers.unsubscribe(subscription, messages);
    }

    @Override
    public void onMessage(Message message) {
        if (!received) {
            received = true;
        }
        if (closing) {
            awaitOneMore();
        }
        AckSubject position = AckSubject.parse(message.getReplyTo());
        if (position != null) {
            receiver.message(message, position);
        } else if (message.isStatusMessage()) {
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
