package dev.sluice.nats;

import io.nats.client.Message;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message as it came from NATS. The payload is not copied: it belongs to the message and is not to be changed.
 *
 * @param subject the literal subject it was published to
 * @param replyTo where an answer is expected, if one is
 * @param headers by name, in the order they came; empty if there are none
 * @param data the payload, exactly as published
 */
public record InboundMessage(String subject, @Nullable String replyTo, Map<String, List<String>> headers, byte[] data) {

    static InboundMessage of(Message message) {
        return new InboundMessage(
                message.getSubject(), message.getReplyTo(), HeaderBlock.headers(message), message.getData());
    }

    /** Bytes of subject, headers and payload: what the message weighs in a buffer. */
    public long size() {
        long bytes = (long) subject.length() + data.length;
        for (Map.Entry<String, List<String>> field : headers.entrySet()) {
            for (String value : field.getValue()) {
                bytes += (long) field.getKey().length() + value.length();
            }
        }
        return bytes;
    }
}
