package dev.sluice.stream.publish;

import dev.sluice.nats.OutboundMessage;
import java.util.List;
import java.util.Map;

/**
 * A message to be stored, on a subject of any kind: those that callers name came through an {@link OutboundMessage},
 * which refuses NATS' own; those of buckets are made here.
 */
public record Publication(String subject, Map<String, List<String>> headers, byte[] data) {

    static Publication of(OutboundMessage message) {
        return new Publication(message.subject().value(), message.headers(), message.data());
    }
}
