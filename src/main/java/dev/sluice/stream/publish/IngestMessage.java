package dev.sluice.stream.publish;

import dev.sluice.flow.Completion;
import dev.sluice.nats.NatsHeaders;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.SerializedHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One message of an ingest, kept until it is stored.
 *
 * @param spareId message id that prevents a second copy, if the message has no id of its own
 */
record IngestMessage(
        OutboundMessage message, String spareId, SerializedHeaders headers, Completion<Checkpoint> completion) {

    /**
     * @param spareId message id to use if the message has none
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if the headers cannot be sent
     */
    static IngestMessage of(OutboundMessage message, String spareId, Completion<Checkpoint> completion) {
        boolean spare = !message.headers().containsKey(NatsHeaders.MESSAGE_ID);
        SerializedHeaders headers = SerializedHeaders.of(message.headers(), spare ? spareId : null);
        return new IngestMessage(message, spareId, headers, completion);
    }

    String subject() {
        return message.subject().value();
    }

    byte[] data() {
        return message.data();
    }

    /** Returns the size including headers, as counted by {@code max_payload} of the server. */
    int size() {
        return headers.serializedLength() + data().length;
    }

    /** Returns the same message with the same message id, for a single publish. */
    Publication publication() {
        Map<String, List<String>> headers = new HashMap<>(message.headers());
        headers.putIfAbsent(NatsHeaders.MESSAGE_ID, List.of(spareId));
        return new Publication(subject(), headers, data());
    }
}
