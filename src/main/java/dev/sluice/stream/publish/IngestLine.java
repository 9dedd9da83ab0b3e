package dev.sluice.stream.publish;

import dev.sluice.flow.Completion;
import dev.sluice.nats.OutboundMessage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One message of an ingest, until it is stored.
 *
 * @param spareId under which a second copy is not stored, if it has no message id of its own
 */
record IngestLine(
        OutboundMessage message, String spareId, SerializedHeaders headers, Completion<Checkpoint> completion) {

    /**
     * @param spareId becomes the message id, where the message has none
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if its headers cannot be sent
     */
    static IngestLine of(OutboundMessage message, String spareId, Completion<Checkpoint> completion) {
        boolean spare = !message.headers().containsKey(SerializedHeaders.MESSAGE_ID);
        SerializedHeaders headers = SerializedHeaders.of(message.headers(), spare ? spareId : null);
        return new IngestLine(message, spareId, headers, completion);
    }

    String subject() {
        return message.subject().value();
    }

    byte[] data() {
        return message.data();
    }

    /** With its headers, as the server's {@code max_payload} counts. */
    int size() {
        return headers.serializedLength() + data().length;
    }

    /** The same message for the way of single ones, under the same id. */
    Publication publication() {
        Map<String, List<String>> headers = new HashMap<>(message.headers());
        headers.putIfAbsent(SerializedHeaders.MESSAGE_ID, List.of(spareId));
        return new Publication(subject(), headers, data());
    }
}
