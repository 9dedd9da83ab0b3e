package dev.sluice.http;

import dev.sluice.failure.Failure;
import io.vertx.core.MultiMap;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which headers of a request become headers of the message: those that NATS defines for publishers, the payload's type,
 * the trace, and whatever the caller prefixes with {@code NatsH-}. Everything else stays behind, and any other
 * {@code Nats-*} is refused, because such headers make a server do things (purge, schedule, copy elsewhere).
 *
 * <p>Names of NATS headers keep their case (ADR-4), names of HTTP fields have none, and HTTP/2 sends them in lower case
 * (RFC 9113, section 8.2.1). A {@code NatsH-} header that comes all in lower case has lost its spelling, so it gets the
 * usual one: {@code natsh-x-tenant} is {@code X-Tenant}, as it is over HTTP/1.1.
 */
final class MessageHeaders {
    static final String MESSAGE_ID = "Nats-Msg-Id";
    static final String EXPECTED_LAST_SUBJECT_SEQUENCE = "Nats-Expected-Last-Subject-Sequence";
    private static final String MESSAGE_ID_ALIAS = "Idempotency-Key";
    private static final String USER_PREFIX = "natsh-";
    private static final String NATS_PREFIX = "nats-";

    private static final String EXPECTED_LAST_SEQUENCE = "Nats-Expected-Last-Sequence";
    private static final Set<String> SEQUENCES = Set.of(EXPECTED_LAST_SEQUENCE, EXPECTED_LAST_SUBJECT_SEQUENCE);
    private static final Map<String, String> PASSED = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    static {
        for (String name : List.of(
                MESSAGE_ID,
                "Nats-Expected-Stream",
                EXPECTED_LAST_SEQUENCE,
                EXPECTED_LAST_SUBJECT_SEQUENCE,
                "Nats-Expected-Last-Msg-Id",
                "Nats-TTL",
                "Content-Type",
                "traceparent",
                "tracestate")) {
            PASSED.put(name, name);
        }
        PASSED.put(MESSAGE_ID_ALIAS, MESSAGE_ID);
    }

    private MessageHeaders() {}

    /** @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header */
    static Map<String, List<String>> of(MultiMap request) {
        Map<String, List<String>> message = new LinkedHashMap<>();
        for (Map.Entry<String, String> header : request) {
            String name = header.getKey();
            String passed = PASSED.get(name);
            if (passed != null) {
                put(message, passed, checked(name, header.getValue()));
            } else {
                String lower = name.toLowerCase(Locale.ROOT);
                if (lower.startsWith(USER_PREFIX)) {
                    message.computeIfAbsent(present(message, userName(name)), key -> new ArrayList<>())
                            .add(checked(name, header.getValue()));
                } else if (lower.startsWith(NATS_PREFIX)) {
                    throw Failure.INVALID.because("The header " + name + " is not for clients to set");
                }
            }
        }
        return message;
    }

    /**
     * As {@link #of(MultiMap)}, for headers that are named as the message will have them.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header
     */
    static Map<String, List<String>> of(Map<String, List<String>> named) {
        Map<String, List<String>> message = new LinkedHashMap<>();
        named.forEach((name, values) -> values.forEach(value -> {
            String passed = PASSED.get(name);
            if (passed != null) {
                put(message, passed, checked(name, value));
            } else if (name.toLowerCase(Locale.ROOT).startsWith(NATS_PREFIX)) {
                throw Failure.INVALID.because("The header " + name + " is not for clients to set");
            } else {
                message.computeIfAbsent(name, key -> new ArrayList<>()).add(checked(name, value));
            }
        }));
        return message;
    }

    private static void put(Map<String, List<String>> message, String name, String value) {
        require(name, value);
        List<String> before = message.putIfAbsent(name, List.of(value));
        if (before != null && !before.contains(value)) {
            throw Failure.INVALID.because("The header " + name + " is given twice, with different values");
        }
    }

    /** A server takes a sequence that it cannot read for another number, and an empty id for none. */
    private static void require(String name, String value) {
        if (SEQUENCES.contains(name) && !isSequence(value)) {
            throw Failure.INVALID.because("The header " + name + " is a whole number from 0 to " + Long.MAX_VALUE);
        }
        if (name.equals(MESSAGE_ID) && value.isBlank()) {
            throw Failure.INVALID.because("The message id is empty; leave it out to have one made");
        }
    }

    private static boolean isSequence(String value) {
        return value.matches("[0-9]{1,19}") && new BigInteger(value).bitLength() < Long.SIZE;
    }

    /** As HTTP has it two spellings are one field: the first one names the header. */
    private static String present(Map<String, List<String>> message, String name) {
        return message.keySet().stream()
                .filter(key -> key.equalsIgnoreCase(name))
                .findFirst()
                .orElse(name);
    }

    private static String userName(String header) {
        String spelled = header.substring(USER_PREFIX.length());
        String name = header.equals(header.toLowerCase(Locale.ROOT)) ? canonical(spelled) : spelled;
        if (name.isEmpty() || name.toLowerCase(Locale.ROOT).startsWith(NATS_PREFIX)) {
            throw Failure.INVALID.because("The header " + header + " names no header of yours");
        }
        return name;
    }

    /** A capital at the start and after each hyphen, as MIME headers usually are; the names that NATS knows as it does. */
    private static String canonical(String name) {
        String known = PASSED.get(name);
        if (known != null) {
            return known;
        }
        StringBuilder canonical = new StringBuilder(name);
        for (int i = 0; i < name.length(); i++) {
            if (i == 0 || name.charAt(i - 1) == '-') {
                canonical.setCharAt(i, Character.toUpperCase(name.charAt(i)));
            }
        }
        return canonical.toString();
    }

    /** NATS clients accept printable ASCII only, and some break on anything else. */
    private static String checked(String name, String value) {
        if (!value.chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
            throw Failure.INVALID.because(
                    "The value of the header " + name + " has characters other than printable ASCII");
        }
        return value;
    }
}
