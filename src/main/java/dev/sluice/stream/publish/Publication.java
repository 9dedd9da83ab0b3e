package dev.sluice.stream.publish;

import dev.sluice.nats.OutboundMessage;
import java.util.List;
import java.util.Map;

/**
 * A message to store, on any subject. Subjects from callers come through an {@link OutboundMessage}, which rejects
 * reserved NATS subjects; subjects of buckets are created internally.
 */
public record Publication(String subject, Map<String, List<String>> headers, byte[] data) {

    static Publication of(OutboundMessage message) {
        return new Publication(message.subject().value(), message.headers(), message.data());
    }
}
