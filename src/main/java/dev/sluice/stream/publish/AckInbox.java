package dev.sluice.stream.publish;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.MessageHandler;

/**
 * The reply inbox for all answers of one connection. The last token of a reply subject is the number of the publish.
 * The inbox has its own dispatcher without pending limits: the number of attempts bounds the number of answers.
 */
final class AckInbox implements MessageHandler {

    /** Receives the answers, on the dispatcher's thread. */
    interface Answers {
        void answered(long number, PubAck answer);
    }

    private static final int NO_RESPONDERS = 503;

    private final Connection connection;
    private final String prefix;
    private final Answers answers;
    private final PubAckParser parser = new PubAckParser();

    private AckInbox(Connection connection, Answers answers) {
        this.connection = connection;
        this.prefix = connection.createInbox() + ".";
        this.answers = answers;
    }

    /** Opens an inbox on {@code connection}. jnats renews its subscription after each reconnect. */
    static AckInbox open(Connection connection, Answers answers) {
        AckInbox inbox = new AckInbox(connection, answers);
        Dispatcher dispatcher = connection.createDispatcher(inbox);
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

    @Override
    public void onMessage(Message message) {
        long number = number(message.getSubject());
        if (number > 0) {
            answers.answered(number, answer(message));
        }
    }

    private PubAck answer(Message message) {
        if (!message.isStatusMessage()) {
            return parser.parse(message.getData());
        }
        return message.getStatus().getCode() == NO_RESPONDERS ? PubAck.NoResponders.INSTANCE : PubAck.Foreign.INSTANCE;
    }

    private long number(String subject) {
        int length = subject.length() - prefix.length();
        if (length < 1 || length > 18) {
            return 0;
        }
        long number = 0;
        for (int i = prefix.length(); i < subject.length(); i++) {
            int digit = subject.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
