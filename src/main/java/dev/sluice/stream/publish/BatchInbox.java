package dev.sluice.stream.publish;

import dev.sluice.nats.Dispatchers;
import dev.sluice.nats.UnsafeHeaders;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.Subscription;
import java.util.function.BiConsumer;

/**
 * The control channel of one fast-ingest batch (ADR-50): reply subjects that tell the server the role of a message in
 * the batch, and one subscription for all answers. It is not shared with other batches, so that the server sends no
 * further answers after {@link #close}.
 */
final class BatchInbox {
    private static final String GAPS_END_IT = ".fail.";
    private static final String SUFFIX = ".$FI";
    private static final char START = '0';
    private static final char APPEND = '1';
    private static final char COMMIT_WITHOUT_MESSAGE = '3';

    private final Connection connection;
    private final String id;
    private final String prefix;
    private final BiConsumer<BatchInbox, BatchReply> answers;
    private final Subscription subscription;
    private String subject = "";

    private BatchInbox(
            Connection connection, Dispatcher dispatcher, int flow, BiConsumer<BatchInbox, BatchReply> answers) {
        this.connection = connection;
        this.answers = answers;
        String inbox = connection.createInbox();
        id = inbox.substring(inbox.lastIndexOf('.') + 1);
        prefix = inbox + "." + flow + GAPS_END_IT;
        subscription = dispatcher.subscribe(inbox + ".>", this::take);
    }

    /**
     * @param answers receives this inbox and each answer, on the dispatcher's thread
     * @throws IllegalStateException if the connection is closed
     */
    static BatchInbox open(
            Connection connection, Dispatcher dispatcher, int flow, BiConsumer<BatchInbox, BatchReply> answers) {
        return new BatchInbox(connection, dispatcher, flow, answers);
    }

    /**
     * @throws IllegalStateException if the connection is closed or full
     * @throws dev.sluice.failure.SluiceException {@code NOT_SUPPORTED} for {@link UnsafeHeaders}
     */
    void send(long sequence, IngestMessage message) {
        UnsafeHeaders.requireNone(connection, message.message().headers());
        String reply = replyTo(sequence, sequence == 1 ? START : APPEND);
        connection.publish(message.subject(), reply, message.headers(), message.data());
        subject = message.subject();
    }

    /**
     * Commits the batch without another message. If the connection does not accept the commit, the batch ends when it
     * reaches its maximum age.
     *
     * @param sequence sequence of the last message plus one
     */
    void commit(long sequence) {
        try {
            connection.publish(subject, replyTo(sequence, COMMIT_WITHOUT_MESSAGE), new byte[0]);
        } catch (IllegalStateException e) {
            // the connection is closed or full
        }
    }

    void close() {
        Dispatchers.unsubscribe(subscription);
    }

    private String replyTo(long sequence, char operation) {
        return prefix + sequence + '.' + operation + SUFFIX;
    }

    private void take(Message message) {
        answers.accept(this, withSequence(BatchReply.of(message), message.getSubject()));
    }

    /** Takes a missing sequence of a refusal from the subject. The end of another batch is {@code Unrecognized}. */
    private BatchReply withSequence(BatchReply answer, String subject) {
        if (answer instanceof BatchReply.Ended end && !end.batch().equals(id)) {
            return new BatchReply.Unrecognized();
        }
        return answer instanceof BatchReply.Refused refused && refused.sequence() == 0
                ? new BatchReply.Refused(sequence(subject), refused.refusal())
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
