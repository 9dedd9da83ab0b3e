package dev.sluice.nats;

import java.util.List;
import java.util.Map;

/**
 * A message to publish. The payload is not copied; the caller must not change it any more.
 *
 * @param headers the headers by name; names and values were validated at the edge
 */
public record OutboundMessage(Subject subject, Map<String, List<String>> headers, byte[] data) {

    /** Returns the size of subject, headers and payload, as counted against limits of memory. */
    public long size() {
        return InboundMessage.size(subject.value(), headers, data);
    }
}
