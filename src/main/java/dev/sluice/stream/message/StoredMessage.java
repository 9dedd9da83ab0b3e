package dev.sluice.stream.message;

import dev.sluice.nats.HeaderBlock;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A message as a stream holds it.
 *
 * @param headerBlock as it came over the wire, which no server checks; empty if there is none
 * @param at when the stream stored it
 */
public record StoredMessage(String subject, long sequence, Instant at, byte[] headerBlock, byte[] data) {

    /** The headers by name, in order, whatever characters they hold; lines that are no header are left out. */
    public Map<String, List<String>> headers() {
        return HeaderBlock.parse(headerBlock);
    }
}
