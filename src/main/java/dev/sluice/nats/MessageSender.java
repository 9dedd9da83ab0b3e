package dev.sluice.nats;

import dev.sluice.failure.Failure;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds and publishes jnats messages. Does not block, except for the bounded wait of the outgoing queue. */
final class MessageSender {
    private MessageSender() {}

    /**
     * Publishes a message on {@code connection}.
     *
     * @throws dev.sluice.failure.SluiceException {@code TOO_LARGE} for the server, {@code INVALID} headers, or
     *     {@code OVERLOADED} if the outgoing queue of the connection is full
     */
    static void send(
            Connection connection,
            String subject,
            @Nullable String replyTo,
            Map<String, List<String>> headers,
            byte[] data) {
        Message outgoing = NatsMessage.builder()
                .subject(subject)
                .replyTo(replyTo)
                .headers(fields(headers))
                .data(data)
                .build();
        long size = (long) data.length + headerBytes(outgoing);
        if (size > connection.getMaxPayload()) {
            throw Failure.TOO_LARGE.because("The message has " + size + " bytes with its headers; the server limit is "
                    + connection.getMaxPayload());
        }
        try {
            connection.publish(outgoing);
        } catch (IllegalStateException e) {
            throw Failure.OVERLOADED.because("The connection to NATS cannot keep up with the published messages", e);
        }
    }

    private static @Nullable Headers fields(Map<String, List<String>> headers) {
        if (headers.isEmpty()) {
            return null;
        }
        Headers fields = new Headers();
        try {
            headers.forEach(fields::add);
        } catch (IllegalArgumentException e) {
            throw Failure.INVALID.because("NATS cannot carry these headers", e);
        }
        return fields;
    }

    private static int headerBytes(Message message) {
        Headers headers = message.getHeaders();
        return headers == null ? 0 : headers.serializedLength();
    }
}
