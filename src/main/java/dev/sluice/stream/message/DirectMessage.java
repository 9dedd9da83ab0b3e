package dev.sluice.stream.message;

import static java.util.Objects.requireNonNull;

import dev.sluice.nats.HeaderBlock;
import io.nats.client.Message;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A stored message in the reply to a direct get. The server appends its own headers to the published ones (ADR-31). A
 * message may have been published with headers of the same names, so the last value of each is the server's.
 *
 * @param stream the stream that replied: a mirror may reply for its origin
 * @param at time at which the stream stored the message
 * @param headers published headers
 * @param added further headers that the server has added, by name
 */
public record DirectMessage(
        String stream,
        String subject,
        long sequence,
        Instant at,
        Map<String, List<String>> headers,
        Map<String, String> added,
        byte[] data) {
    public static final String STREAM = "Nats-Stream";
    public static final String SEQUENCE = HeaderBlock.STORED_SEQUENCE;
    private static final String SUBJECT = "Nats-Subject";
    private static final String TIME = "Nats-Time-Stamp";
    private static final Set<String> ALWAYS = Set.of(STREAM, SUBJECT, SEQUENCE, TIME);

    /**
     * Parses a reply; empty if a header is missing: a published header block without a proper end hides later headers.
     *
     * @param further headers that the server adds to this kind of reply besides those of every reply
     */
    public static Optional<DirectMessage> read(Message reply, Set<String> further) {
        Map<String, List<String>> headers = HeaderBlock.headers(reply);
        Set<String> ofTheServer = new HashSet<>(ALWAYS);
        ofTheServer.addAll(further);
        if (!headers.keySet().containsAll(ofTheServer)) {
            return Optional.empty();
        }
        Map<String, String> added = new LinkedHashMap<>();
        further.forEach(name -> added.put(name, last(headers, name)));
        try {
            return Optional.of(new DirectMessage(
                    last(headers, STREAM),
                    last(headers, SUBJECT),
                    Long.parseLong(last(headers, SEQUENCE)),
                    Instant.parse(last(headers, TIME)),
                    published(headers, ofTheServer),
                    added,
                    reply.getData()));
        } catch (NumberFormatException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String last(Map<String, List<String>> headers, String name) {
        List<String> values = requireNonNull(headers.get(name));
        return values.get(values.size() - 1);
    }

    private static Map<String, List<String>> published(Map<String, List<String>> headers, Set<String> ofTheServer) {
        Map<String, List<String>> published = new LinkedHashMap<>();
        headers.forEach((name, values) -> {
            List<String> own = ofTheServer.contains(name) ? values.subList(0, values.size() - 1) : values;
            if (!own.isEmpty()) {
                published.put(name, own);
            }
        });
        return published;
    }
}
