package dev.sluice.nats;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.util.function.BiConsumer;

/** The inbox for all replies of one connection. The last token of a reply subject is the number of the request. */
final class ReplyInbox {
    private static final int MOST_DIGITS = 18;

    private final Connection connection;
    private final String prefix;

    private ReplyInbox(Connection connection) {
        this.connection = connection;
        this.prefix = connection.createInbox() + ".";
    }

    /**
     * Opens an inbox. jnats subscribes it again after each reconnect. Its dispatcher has no pending limits, because
     * only the responders know the reply subjects.
     *
     * @param replies the consumer of request numbers and replies; called on the dispatcher's thread
     */
    static ReplyInbox open(Connection connection, BiConsumer<Long, Message> replies) {
        ReplyInbox inbox = new ReplyInbox(connection);
        Dispatcher dispatcher = connection.createDispatcher(message -> {
            String subject = message.getSubject();
            if (inbox.numbered(subject)) {
                replies.accept(Long.parseLong(subject.substring(inbox.prefix.length())), message);
            }
        });
        dispatcher.setPendingLimits(0, 0);
        dispatcher.subscribe(inbox.prefix + "*");
        return inbox;
    }

    Connection connection() {
        return connection;
    }

    String replyTo(long number) {
        return prefix + number;
    }

    private boolean numbered(String subject) {
        int digits = subject.length() - prefix.length();
        return digits > 0
                && digits <= MOST_DIGITS
                && subject.chars().skip(prefix.length()).allMatch(c -> c >= '0' && c <= '9');
    }
}
