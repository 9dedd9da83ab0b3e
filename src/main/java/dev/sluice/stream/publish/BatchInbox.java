package dev.sluice.stream.publish;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.Subscription;

/**
 * The control channel of one fast-ingest batch: reply subjects that tell the server what a message is to the batch, and
 * one subscription for all that comes back (ADR-50). It is not shared with other batches: once it is closed the server
 * spares itself the rest.
 */
final class BatchInbox {

    /** Takes what comes back, on the dispatcher's thread. */
    interface Answers {

        void answered(BatchInbox from, FlowAnswer answer);
    }

    private static final String GAPS_END_IT = ".fail.";
    private static final String SUFFIX = ".$FI";
    private static final char START = '0';
    private static final char APPEND = '1';
    private static final char COMMIT_WITHOUT_MESSAGE = '3';

    private final Connection connection;
    private final Dispatcher dispatcher;
    private final String id;
    private final String prefix;
    private final Answers answers;
    private final Subscription subscription;
    private String subject = "";

    private BatchInbox(Connection connection, Dispatcher dispatcher, int flow, Answers answers) {
        this.connection = connection;
        this.dispatcher = dispatcher;
        this.answers = answers;
        String inbox = connection.createInbox();
        id = inbox.substring(inbox.lastIndexOf('.') + 1);
        prefix = inbox + "." + flow + GAPS_END_IT;
        subscription = dispatcher.subscribe(inbox + ".>", this::take);
    }

    /** @throws IllegalStateException if the connection is closed */
    static BatchInbox open(Connection connection, Dispatcher dispatcher, int flow, Answers answers) {
        return new BatchInbox(connection, dispatcher, flow, answers);
    }

    /** @throws IllegalStateException if the connection cannot take it now */
    void send(long sequence, IngestLine line) {
        String reply = replyTo(sequence, sequence == 1 ? START : APPEND);
        connection.publish(line.subject(), reply, line.headers(), line.data());
        subject = line.subject();
    }

    /**
     * Ends it, without another message; if the connection does not take that, the batch ends by its age.
     *
     * @param sequence one more than that of the last message
     */
    void commit(long sequence) {
        try {
            connection.publish(subject, replyTo(sequence, COMMIT_WITHOUT_MESSAGE), new byte[0]);
        } catch (IllegalStateException e) {
            // the connection is closed or full
        }
    }

    void close() {
        try {
            dispatcher.unsubscribe(subscription);
        } catch (IllegalStateException e) {
            // the connection is closed, and all subscriptions with it
        }
    }

    private String replyTo(long sequence, char operation) {
        return prefix + sequence + '.' + operation + SUFFIX;
    }

    private void take(Message message) {
        answers.answered(this, place(FlowAnswer.of(message), message.getSubject()));
    }

    /** Not every answer says what it is about: then the subject does, on which it came. */
    private FlowAnswer place(FlowAnswer answer, String subject) {
        if (answer instanceof FlowAnswer.Ended end && !end.batch().equals(id)) {
            return new FlowAnswer.Foreign();
        }
        return answer instanceof FlowAnswer.Refused refused && refused.sequence() == 0
                ? new FlowAnswer.Refused(sequence(subject), refused.refusal())
                : answer;
    }

    private long sequence(String subject) {
        int end = subject.indexOf('.', Math.min(prefix.length(), subject.length()));
        try {
            return end < 0 ? 0 : Long.parseLong(subject, prefix.length(), end, 10);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
