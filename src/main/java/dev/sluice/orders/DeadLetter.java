package dev.sluice.orders;

import dev.sluice.stream.StoredMessage;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A message in the dead-letter stream.
 *
 * @param sequence sequence in the dead-letter stream
 * @param origin stream that the message came from
 * @param originSequence sequence in that stream
 * @param headers all headers stored with the dead letter
 */
record DeadLetter(
        long sequence,
        Instant at,
        String origin,
        long originSequence,
        String subject,
        String consumer,
        long deliveries,
        String reason,
        Map<String, List<String>> headers,
        byte[] data) {

    static DeadLetter of(StoredMessage message) {
        Map<String, List<String>> headers = message.headers();
        return new DeadLetter(
                message.sequence(),
                message.at(),
                text(headers, DeadLetterHeaders.STREAM),
                number(headers, DeadLetterHeaders.SEQUENCE),
                text(headers, DeadLetterHeaders.SUBJECT),
                text(headers, DeadLetterHeaders.CONSUMER),
                number(headers, DeadLetterHeaders.DELIVERIES),
                text(headers, DeadLetterHeaders.REASON),
                headers,
                message.data());
    }

    /** Returns whether the payload and the headers of the message are stored. */
    boolean complete() {
        return !headers.containsKey(DeadLetterHeaders.PAYLOAD_OMITTED)
                && !headers.containsKey(DeadLetterHeaders.HEADERS_OMITTED);
    }

    /** Returns the headers for a redrive, without those that would make it a duplicate of the old message. */
    Map<String, List<String>> redriveHeaders() {
        Map<String, List<String>> own = new LinkedHashMap<>();
        headers.forEach((name, values) -> {
            if (!DeadLetterHeaders.reserved(name)) {
                own.put(name, values);
            }
        });
        own.put(DeadLetterHeaders.REDRIVEN, List.of(Long.toString(sequence)));
        return own;
    }

    private static String text(Map<String, List<String>> headers, String name) {
        return headers.getOrDefault(name, List.of("")).get(0);
    }

    private static long number(Map<String, List<String>> headers, String name) {
        String text = text(headers, name);
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }
}
