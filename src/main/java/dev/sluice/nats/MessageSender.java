package dev.sluice.nats;

import dev.sluice.failure.Failure;
import io.nats.client.Connection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Publishes messages on a connection. Does not block, except for the bounded wait of the outgoing queue. */
final class MessageSender {
    private MessageSender() {}

    /**
     * Publishes a message on {@code connection}.
     *
     * @throws dev.sluice.failure.SluiceException {@code TOO_LARGE} for the server, {@code INVALID} headers, {@code NOT_SUPPORTED} for
     *     {@link UnsafeHeaders}, or {@code OVERLOADED} if the outgoing queue of the connection is full
     */
    static void send(
            Connection connection,
            String subject,
            @Nullable String replyTo,
            Map<String, List<String>> headers,
            byte[] data) {
        UnsafeHeaders.requireNone(connection, headers);
        SerializedHeaders fields = headers.isEmpty() ? null : SerializedHeaders.of(headers, null);
        long size = (long) data.length + (fields == null ? 0 : fields.serializedLength());
        if (size > connection.getMaxPayload()) {
            throw Failure.TOO_LARGE.because("The message has " + size + " bytes with its headers; the server limit is "
                    + connection.getMaxPayload());
        }
        try {
            connection.publish(subject, replyTo, fields, data);
        } catch (IllegalStateException e) {
            throw Failure.OVERLOADED.because("The connection to NATS cannot keep up with the published messages", e);
        }
    }
}
