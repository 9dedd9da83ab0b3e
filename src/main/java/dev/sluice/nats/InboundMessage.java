package dev.sluice.nats;

import io.nats.client.Message;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message received from NATS. The payload is not copied; callers must not change it.
 *
 * @param subject the literal subject of the message
 * @param replyTo the reply subject, if a reply is expected
 * @param headers the headers by name, in the received order; empty if there are none
 * @param data the payload, exactly as published
 */
public record InboundMessage(String subject, @Nullable String replyTo, Map<String, List<String>> headers, byte[] data) {

    static InboundMessage of(Message message) {
        return new InboundMessage(
                message.getSubject(), message.getReplyTo(), HeaderBlock.headers(message), message.getData());
    }

    /** Returns the size of subject, headers and payload, as counted against buffer limits. */
    public long size() {
        return size(subject, headers, data);
    }

    static long size(String subject, Map<String, List<String>> headers, byte[] data) {
        long bytes = (long) subject.length() + data.length;
        for (Map.Entry<String, List<String>> field : headers.entrySet()) {
            for (String value : field.getValue()) {
                bytes += (long) field.getKey().length() + value.length();
            }
        }
        return bytes;
    }
}
