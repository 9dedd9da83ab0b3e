package dev.sluice.stream.publish;

import static dev.sluice.stream.JetStreamApi.member;
import static dev.sluice.stream.JetStreamApi.number;

import io.nats.client.Message;
import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;

/** What comes back to the inbox of a fast-ingest batch (ADR-50). Nothing here is believed without a look at the batch. */
sealed interface FlowAnswer {
    /** As much as its field holds. */
    int MOST_FLOW = 65_535;

    /** The status of a request to a subject that nobody listens to. */
    int NO_LISTENER = 503;

    /**
     * All up to {@code sequence} of the batch is stored, as long as gaps end it.
     *
     * @param every after how many more the next one comes
     */
    record Progress(long sequence, int every) implements FlowAnswer {}

    /** Messages of the batch did not reach the stream; {@link Ended} follows. */
    record Gap() implements FlowAnswer {}

    /**
     * The batch is over.
     *
     * @param count how many of its messages are stored
     * @param sequence where the last one is that was stored anew; 0 if all were there before
     */
    record Ended(String batch, long count, long sequence) implements FlowAnswer {}

    /**
     * A message was stored as any other: the server knows no batches.
     *
     * @param sequence where
     */
    record StoredAlone(String stream, long sequence) implements FlowAnswer {}

    /**
     * A message was refused.
     *
     * @param sequence its place in the batch; 0 if only the reply subject tells
     */
    record Refused(long sequence, PubAck.Refused refusal) implements FlowAnswer {}

    /** Nobody listens to the subject. */
    record NoResponders() implements FlowAnswer {}

    /** Not JetStream's words. */
    record Foreign() implements FlowAnswer {}

    static FlowAnswer of(Message message) {
        if (message.isStatusMessage()) {
            return message.getStatus().getCode() == NO_LISTENER ? new NoResponders() : new Foreign();
        }
        return parse(message.getData());
    }

    static FlowAnswer parse(byte[] text) {
        try {
            return read(JsonParser.parse(text));
        } catch (JsonParseException e) {
            return new Foreign();
        }
    }

    private static FlowAnswer read(JsonValue answer) {
        JsonValue error = member(answer, "error");
        long sequence = number(member(answer, "seq"));
        if (error != null && error.map != null) {
            return new Refused(sequence, refusal(error));
        }
        return switch (text(answer, "type")) {
            case "ack" -> progress(sequence, number(member(answer, "msgs")));
            case "gap" -> new Gap();
            case "" -> stored(answer, sequence);
            default -> new Foreign();
        };
    }

    private static FlowAnswer progress(long sequence, long every) {
        return every < 1 || every > MOST_FLOW ? new Foreign() : new Progress(sequence, (int) every);
    }

    private static FlowAnswer stored(JsonValue answer, long sequence) {
        String batch = text(answer, "batch");
        if (!batch.isEmpty()) {
            return new Ended(batch, number(member(answer, "count")), sequence);
        }
        return sequence > 0 ? new StoredAlone(text(answer, "stream"), sequence) : new Foreign();
    }

    private static PubAck.Refused refusal(JsonValue error) {
        return new PubAck.Refused(
                (int) number(member(error, "code")),
                (int) number(member(error, "err_code")),
                text(error, "description"));
    }

    private static String text(JsonValue object, String name) {
        JsonValue value = member(object, name);
        return value == null || value.string == null ? "" : value.string;
    }
}
