package dev.sluice.stream.replay;

import static java.util.Objects.requireNonNull;

import dev.sluice.nats.HeaderBlock;
import dev.sluice.nats.InboundMessage;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stored message in the reply to a direct get. The server appends its own headers to the published ones (ADR-31). A
 * message may have been published with headers of the same names, so the last value of each is the server's.
 *
 * @param previous sequence of the previous reply; 0 for the first
 */
record DirectGetReply(long previous, StreamMessage message) {
    static final String STREAM = "Nats-Stream";
    static final String SEQUENCE = "Nats-Sequence";
    static final String PENDING = "Nats-Num-Pending";
    private static final String SUBJECT = "Nats-Subject";
    private static final String TIME = "Nats-Time-Stamp";
    private static final String PREVIOUS = "Nats-Last-Sequence";
    private static final Set<String> OF_THE_SERVER = Set.of(STREAM, SUBJECT, SEQUENCE, TIME, PENDING, PREVIOUS);

    /**
     * Parses a reply; empty if a header is missing: a published header block without a proper end hides later headers.
     */
    static Optional<DirectGetReply> read(Message answer) {
        Map<String, List<String>> headers = HeaderBlock.headers(answer);
        if (answer.isStatusMessage() || !headers.keySet().containsAll(OF_THE_SERVER)) {
            return Optional.empty();
        }
        try {
            InboundMessage message =
                    new InboundMessage(last(headers, SUBJECT), null, published(headers), answer.getData());
            return Optional.of(new DirectGetReply(
                    Long.parseLong(last(headers, PREVIOUS)),
                    new StreamMessage(
                            Long.parseLong(last(headers, SEQUENCE)), Instant.parse(last(headers, TIME)), message)));
        } catch (NumberFormatException | DateTimeException e) {
            return Optional.empty();
        }
    }

    static @Nullable String last(Message answer, String name) {
        Headers headers = answer.getHeaders();
        return headers == null ? null : headers.getLast(name);
    }

    private static String last(Map<String, List<String>> headers, String name) {
        List<String> values = requireNonNull(headers.get(name));
        return values.get(values.size() - 1);
    }

    private static Map<String, List<String>> published(Map<String, List<String>> headers) {
        Map<String, List<String>> published = new LinkedHashMap<>();
        headers.forEach((name, values) -> {
            List<String> own = OF_THE_SERVER.contains(name) ? values.subList(0, values.size() - 1) : values;
            if (!own.isEmpty()) {
                published.put(name, own);
            }
        });
        return published;
    }
}
