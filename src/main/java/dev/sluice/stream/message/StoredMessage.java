package dev.sluice.stream.message;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
        Map<String, List<String>> headers = new LinkedHashMap<>();
        String[] lines = new String(headerBlock, StandardCharsets.UTF_8).split("\r\n", -1);
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                headers.computeIfAbsent(lines[i].substring(0, colon), name -> new ArrayList<>())
                        .add(lines[i].substring(colon + 1).strip());
            }
        }
        return headers;
    }
}
