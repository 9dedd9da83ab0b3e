package dev.sluice.stream.publish;

import static dev.sluice.stream.JetStreamJson.member;
import static dev.sluice.stream.JetStreamJson.number;

import dev.sluice.failure.SluiceException;
import dev.sluice.stream.JetStreamJson;
import io.nats.client.Message;
import io.nats.client.support.JsonValue;
import java.nio.charset.StandardCharsets;

/**
 * A reply to a message of a fast-ingest batch (ADR-50). Not trusted: the receiver checks each reply against the state of
 * the batch.
 */
sealed interface BatchReply {
    /** Maximum value that the flow field can hold. */
    int MAX_FLOW_FIELD = 65_535;

    /** Status of a request to a subject without a responder. */
    int NO_LISTENER = 503;

    /**
     * All messages of the batch up to {@code sequence} are stored. This holds because the batch ends at a gap.
     *
     * @param every number of messages until the next acknowledgement
     */
    record Progress(long sequence, int every) implements BatchReply {}

    /** Messages of the batch did not reach the stream; {@link Ended} follows. */
    record Gap() implements BatchReply {}

    /**
     * The batch has ended.
     *
     * @param count number of messages of the batch that are stored
     * @param sequence stream sequence of the last newly stored message; 0 if all messages were duplicates
     */
    record Ended(String batch, long count, long sequence) implements BatchReply {}

    /**
     * A message was stored like any other: the server does not support batches.
     *
     * @param sequence stream sequence of the message
     */
    record StoredAlone(String stream, long sequence) implements BatchReply {}

    /**
     * A message was refused.
     *
     * @param sequence sequence in the batch; 0 if only the reply subject contains it
     */
    record Refused(long sequence, PublishReply.Refused refusal) implements BatchReply {}

    /** The subject has no responder. */
    record NoResponders() implements BatchReply {}

    /** Not an answer of JetStream. */
    record Unrecognized() implements BatchReply {}

    static BatchReply of(Message message) {
        if (message.isStatusMessage()) {
            return message.getStatus().getCode() == NO_LISTENER ? new NoResponders() : new Unrecognized();
        }
        return parse(message.getData());
    }

    static BatchReply parse(byte[] text) {
        try {
            return read(JetStreamJson.parse(new String(text, StandardCharsets.UTF_8)));
        } catch (SluiceException notJson) {
            return new Unrecognized();
        }
    }

    private static BatchReply read(JsonValue answer) {
        JsonValue error = member(answer, "error");
        long sequence = number(member(answer, "seq"));
        if (error != null && error.map != null) {
            return new Refused(sequence, refusal(error));
        }
        return switch (text(answer, "type")) {
            case "ack" -> progress(sequence, number(member(answer, "msgs")));
            case "gap" -> new Gap();
            case "" -> stored(answer, sequence);
            default -> new Unrecognized();
        };
    }

    private static BatchReply progress(long sequence, long every) {
        return every < 1 || every > MAX_FLOW_FIELD ? new Unrecognized() : new Progress(sequence, (int) every);
    }

    private static BatchReply stored(JsonValue answer, long sequence) {
        String batch = text(answer, "batch");
        if (!batch.isEmpty()) {
            return new Ended(batch, number(member(answer, "count")), sequence);
        }
        return sequence > 0 ? new StoredAlone(text(answer, "stream"), sequence) : new Unrecognized();
    }

    private static PublishReply.Refused refusal(JsonValue error) {
        return new PublishReply.Refused(
                (int) number(member(error, "code")),
                (int) number(member(error, "err_code")),
                text(error, "description"));
    }

    private static String text(JsonValue object, String name) {
        JsonValue value = member(object, name);
        return value == null || value.string == null ? "" : value.string;
    }
}
