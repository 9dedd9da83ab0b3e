package dev.sluice.orders;

import dev.sluice.nats.NatsHeaders;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Builds the headers of a dead letter: {@code Sluice-*} headers that describe the failure, then the headers of the
 * message. Headers that NATS or Sluice would interpret are renamed to {@code Sluice-Original-*}. If a header cannot be
 * sent again, the whole header block is also stored, in base64.
 */
final class DeadLetterHeaders {
    static final String REASON = "Sluice-Reason";
    static final String STREAM = "Sluice-Stream";
    static final String SEQUENCE = "Sluice-Sequence";
    static final String SUBJECT = "Sluice-Subject";
    static final String CONSUMER = "Sluice-Consumer";
    static final String DELIVERIES = "Sluice-Deliveries";
    static final String PAYLOAD_OMITTED = "Sluice-Payload-Omitted";
    static final String HEADERS_OMITTED = "Sluice-Headers-Omitted";
    static final String HEADER_BLOCK = "Sluice-Header-Block";
    /** Set on a redriven message: the sequence of its dead letter. */
    static final String REDRIVEN = "Sluice-Redriven";

    static final String OWN = "sluice-";
    static final String NATS = "nats-";
    private static final String ORIGINAL = "Sluice-Original-";
    private static final int MAX_REASON_LENGTH = 512;
    private static final List<String> TOO_LARGE = List.of("too large");

    /** A part of a message that a dead letter omits if it is too large to be stored again. */
    enum Part {
        PAYLOAD,
        HEADERS
    }

    private DeadLetterHeaders() {}

    /** @param omitted parts of the message that the dead letter does not have */
    static Map<String, List<String>> of(FailedMessage failed, Set<Part> omitted) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put(
                NatsHeaders.MESSAGE_ID, List.of(failed.stream() + "." + failed.sequence() + "." + failed.storedAt()));
        headers.put(REASON, List.of(printable(failed.reason())));
        headers.put(STREAM, List.of(failed.stream()));
        headers.put(SEQUENCE, List.of(Long.toString(failed.sequence())));
        headers.put(SUBJECT, List.of(failed.subject()));
        headers.put(CONSUMER, List.of(failed.consumer()));
        headers.put(DELIVERIES, List.of(Long.toString(failed.deliveries())));
        if (omitted.contains(Part.PAYLOAD)) {
            headers.put(PAYLOAD_OMITTED, TOO_LARGE);
        }
        if (omitted.contains(Part.HEADERS)) {
            headers.put(HEADERS_OMITTED, TOO_LARGE);
        } else {
            copy(failed, headers);
        }
        return headers;
    }

    private static void copy(FailedMessage failed, Map<String, List<String>> headers) {
        boolean all = true;
        for (Map.Entry<String, List<String>> header : failed.headers().entrySet()) {
            boolean sendable =
                    name(header.getKey()) && header.getValue().stream().allMatch(DeadLetterHeaders::value);
            all &= sendable;
            if (sendable) {
                headers.put((reserved(header.getKey()) ? ORIGINAL : "") + header.getKey(), header.getValue());
            }
        }
        if (!all) {
            headers.put(HEADER_BLOCK, List.of(Base64.getEncoder().encodeToString(failed.headerBlock())));
        }
    }

    static boolean reserved(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.startsWith(NATS) || lower.startsWith(OWN);
    }

    private static boolean name(String name) {
        return !name.isEmpty() && name.chars().allMatch(c -> c > ' ' && c <= '~' && c != ':');
    }

    private static boolean value(String value) {
        return value.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    private static String printable(String reason) {
        String cut = reason.length() > MAX_REASON_LENGTH ? reason.substring(0, MAX_REASON_LENGTH) : reason;
        return cut.replaceAll("[^ -~]", "?");
    }
}
