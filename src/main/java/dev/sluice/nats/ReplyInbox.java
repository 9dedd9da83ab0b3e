package dev.sluice.nats;

import io.nats.client.Connection;
import io.nats.client.Message;
import java.time.Duration;

/**
 * The inbox for all replies of one connection. The last token of a reply subject is the number of what is replied to. It has
 * no pending limits: only responders know the reply subjects, so the requests bound the replies.
 *
 * <p>If a subscription exceeds the server's limit, the error does not name it. The inbox therefore sends a message to itself;
 * until that or a reply arrives, it may be the rejected one.
 */
public final class ReplyInbox {
    private static final int MAX_DIGITS = 18;
    private static final String ECHO = "echo";

    /**
     * Receives the replies, on the reader thread of the connection. Must not block, except for
     * {@code sluice.nats.outgoing-wait}.
     */
    public interface Replies {
        void reply(long number, Message message);
    }

    private final Connection connection;
    private final String prefix;
    private volatile boolean confirmed;
    private volatile long announced;

    private ReplyInbox(Connection connection) {
        this.connection = connection;
        this.prefix = connection.createInbox() + ".";
    }

    /**
     * Opens an inbox on {@code connection}. jnats subscribes it again after each reconnect.
     *
     * @throws IllegalStateException if the connection is closed or its buffer is full
     */
    public static ReplyInbox open(Connection connection, Replies replies) {
        ReplyInbox inbox = new ReplyInbox(connection);
        ReaderDispatcher.of(connection).subscribe(connection, inbox.prefix + "*", message -> {
            inbox.confirmed = true;
            long number = inbox.number(message.getSubject());
            if (number >= 0) {
                replies.reply(number, message);
            }
        });
        inbox.announce();
        return inbox;
    }

    /** Finds out whether the server has the subscription. Call it also after a reconnect. */
    public void announce() {
        confirmed = false;
        announced = System.nanoTime();
        try {
            connection.publish(prefix + ECHO, null);
        } catch (IllegalStateException unsendable) {
            // The first reply confirms it as well.
        }
    }

    /** Returns whether a message has arrived since the subscription was last sent. */
    boolean confirmed() {
        return confirmed;
    }

    /** Returns whether the subscription was sent at least {@code time} ago. */
    boolean announcedFor(Duration time) {
        return System.nanoTime() - announced >= time.toNanos();
    }

    public Connection connection() {
        return connection;
    }

    public String replyTo(long number) {
        return prefix + number;
    }

    /** Returns the number at the end of a reply subject; -1 if there is none. */
    private long number(String subject) {
        int length = subject.length() - prefix.length();
        if (length < 1 || length > MAX_DIGITS) {
            return -1;
        }
        long number = 0;
        for (int i = prefix.length(); i < subject.length(); i++) {
            int digit = subject.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
