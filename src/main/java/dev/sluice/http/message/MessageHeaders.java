package dev.sluice.http.message;

import dev.sluice.cloudevents.CloudEvents;
import dev.sluice.failure.Failure;
import dev.sluice.nats.NatsHeaders;
import io.vertx.core.MultiMap;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Selects the request headers that become message headers: the headers that NATS defines for publishers, the content
 * type, the trace context, and all headers that the caller prefixes with {@code NatsH-}. Other headers are ignored,
 * except that any other {@code Nats-*} header is rejected, because such headers trigger actions of the server (purge,
 * schedule, copy elsewhere). {@code Sluice-*} is reserved too: Sluice marks dead letters and redriven messages so.
 *
 * <p>Names of NATS headers are case-sensitive (ADR-4). Names of HTTP fields are not, and HTTP/2 sends them in lower
 * case (RFC 9113, section 8.2.1). A {@code NatsH-} header that arrives entirely in lower case has lost its spelling and
 * gets the usual one: {@code natsh-x-tenant} becomes {@code X-Tenant}, as it does over HTTP/1.1.
 */
public final class MessageHeaders {
    static final String CONTENT_TYPE = "Content-Type";
    public static final String CONTENT_DISPOSITION = "Content-Disposition";
    private static final String MESSAGE_ID_ALIAS = "idempotency-key";
    private static final String USER_PREFIX = "natsh-";
    private static final String NATS_PREFIX = "nats-";
    private static final List<String> RESERVED_PREFIXES = List.of(NATS_PREFIX, "sluice-");

    private static final Set<String> SEQUENCES =
            Set.of(NatsHeaders.EXPECTED_LAST_SEQUENCE, NatsHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE);
    /** The headers that are passed on, by their name in lower case. */
    private static final Map<String, String> PASSED = new HashMap<>();

    static {
        for (String name : List.of(
                NatsHeaders.MESSAGE_ID,
                NatsHeaders.EXPECTED_STREAM,
                NatsHeaders.EXPECTED_LAST_SEQUENCE,
                NatsHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE,
                NatsHeaders.EXPECTED_LAST_MESSAGE_ID,
                NatsHeaders.TTL,
                CONTENT_TYPE,
                "traceparent",
                "tracestate")) {
            PASSED.put(name.toLowerCase(Locale.ROOT), name);
        }
    }

    /** Headers of a publish that a write of a key does not take: its conditions are those of HTTP. */
    private static final Set<String> OF_A_PUBLISH = Set.of(
            NatsHeaders.MESSAGE_ID,
            NatsHeaders.EXPECTED_STREAM,
            NatsHeaders.EXPECTED_LAST_SEQUENCE,
            NatsHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE,
            NatsHeaders.EXPECTED_LAST_MESSAGE_ID);

    /** Headers that only make sense for a single message. */
    private static final Set<String> OF_ONE_MESSAGE = Set.of(
            NatsHeaders.MESSAGE_ID,
            NatsHeaders.EXPECTED_LAST_SEQUENCE,
            NatsHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE,
            NatsHeaders.EXPECTED_LAST_MESSAGE_ID,
            NatsHeaders.ROLLUP,
            NatsHeaders.SCHEDULE);

    private static final Set<String> OF_A_TRACE = Set.of("traceparent", "tracestate");

    private MessageHeaders() {}

    /**
     * Selects the headers of a value of a bucket, as {@link #of(MultiMap)} but without those of a publish.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header
     */
    public static Map<String, List<String>> ofValue(MultiMap request) {
        Map<String, List<String>> message = of(request);
        for (String name : message.keySet()) {
            if (OF_A_PUBLISH.contains(name)) {
                String sent = request.contains(name) ? name : "Idempotency-Key";
                throw Failure.INVALID.because("The header " + sent
                        + " is for a publish; the conditions of a write here are If-Match and If-None-Match");
            }
            if (name.equalsIgnoreCase("KV-Operation")) {
                throw Failure.INVALID.because("The header NatsH-KV-Operation must not be set; use DELETE");
            }
        }
        return message;
    }

    /**
     * Selects the headers that are stored with an object: those of a value, and how a browser presents it.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header
     */
    public static Map<String, List<String>> ofObject(MultiMap request) {
        Map<String, List<String>> object = ofValue(request);
        if (object.containsKey(NatsHeaders.TTL)) {
            throw Failure.INVALID.because(
                    "The header Nats-TTL is for a message; an object has the max_age of its store");
        }
        object.keySet().removeAll(OF_A_TRACE);
        String disposition = request.get(CONTENT_DISPOSITION);
        if (disposition != null) {
            object.put(CONTENT_DISPOSITION, List.of(checked(CONTENT_DISPOSITION, disposition)));
        }
        return object;
    }

    /**
     * Selects the headers of a deletion: only its time to live.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header
     */
    public static Map<String, List<String>> ofMarker(MultiMap request) {
        Map<String, List<String>> message = ofValue(request);
        message.keySet().retainAll(Set.of(NatsHeaders.TTL));
        return message;
    }

    /**
     * Selects the headers of a publish: as {@link #of(MultiMap)}, those of {@link PublishDirectives}, and the attributes of a
     * CloudEvent.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header
     */
    public static PublishRequestHeaders ofPublish(MultiMap request) {
        Map<String, List<String>> attributes = new LinkedHashMap<>();
        return new PublishRequestHeaders(of(request, PublishDirectives.HEADERS, attributes), attributes);
    }

    /**
     * Requires that the headers can be those of several messages.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header
     */
    public static void requireSharable(Map<String, List<String>> message) {
        for (String name : message.keySet()) {
            if (OF_ONE_MESSAGE.contains(name)) {
                throw Failure.INVALID.because("The header " + name + " is for one message, not for a batch");
            }
        }
    }

    /**
     * Requires that a request whose messages have their headers in its body has none of a message itself.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header
     */
    public static void requireNone(MultiMap request) {
        for (String name : request.names()) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.equals(MESSAGE_ID_ALIAS) || lower.startsWith(NATS_PREFIX) || lower.startsWith(USER_PREFIX)) {
                throw Failure.INVALID.because("The header " + name
                        + " is for one message; a line has id, headers and expected_last_subject_sequence");
            }
        }
    }

    /**
     * Selects the headers of a message.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header
     */
    public static Map<String, List<String>> of(MultiMap request) {
        return of(request, Map.of(), null);
    }

    /**
     * @param actions further headers of NATS by name in lower case
     * @param attributes receives the attributes of a CloudEvent by name, as they are; null to ignore them
     */
    private static Map<String, List<String>> of(
            MultiMap request, Map<String, String> actions, @Nullable Map<String, List<String>> attributes) {
        Map<String, List<String>> message = new LinkedHashMap<>();
        for (Map.Entry<String, String> header : request) {
            String name = header.getKey();
            String lower = name.toLowerCase(Locale.ROOT);
            String passed = passed(lower);
            if (passed != null) {
                put(message, passed, checked(name, header.getValue()));
            } else if (lower.startsWith(USER_PREFIX)) {
                putUserHeader(message, userName(name), checked(name, header.getValue()));
            } else if (actions.containsKey(lower)) {
                put(message, actions.get(lower), checked(name, header.getValue()));
            } else if (lower.startsWith(NATS_PREFIX)) {
                throw Failure.INVALID.because("The header " + name + " must not be set by clients");
            } else if (attributes != null && lower.startsWith(CloudEvents.PREFIX)) {
                attributes
                        .computeIfAbsent(lower.substring(CloudEvents.PREFIX.length()), key -> new ArrayList<>())
                        .add(header.getValue());
            }
        }
        return message;
    }

    /**
     * Selects headers like {@link #of(MultiMap)}, from headers that already have their names in the message.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, naming the header
     */
    public static Map<String, List<String>> of(Map<String, List<String>> named) {
        Map<String, List<String>> message = new LinkedHashMap<>();
        named.forEach((name, values) -> values.forEach(value -> {
            String lower = name.toLowerCase(Locale.ROOT);
            String passed = passed(lower);
            if (passed != null) {
                put(message, passed, checked(name, value));
            } else if (reserved(name)) {
                throw Failure.INVALID.because("The header " + name + " must not be set by clients");
            } else {
                message.computeIfAbsent(name, key -> new ArrayList<>()).add(checked(name, value));
            }
        }));
        return message;
    }

    /** Returns the name of the message header that a header with this name in lower case becomes; null if none. */
    private static @Nullable String passed(String lower) {
        return lower.equals(MESSAGE_ID_ALIAS) ? NatsHeaders.MESSAGE_ID : PASSED.get(lower);
    }

    /** A header that also has an unprefixed form has one value, in whichever form it arrives. */
    private static void putUserHeader(Map<String, List<String>> message, String name, String value) {
        String passed = PASSED.get(name.toLowerCase(Locale.ROOT));
        if (passed != null) {
            put(message, passed, value);
        } else {
            message.computeIfAbsent(present(message, name), key -> new ArrayList<>())
                    .add(value);
        }
    }

    private static void put(Map<String, List<String>> message, String name, String value) {
        require(name, value);
        List<String> before = message.putIfAbsent(name, List.of(value));
        if (before != null && !before.contains(value)) {
            throw Failure.INVALID.because("The header " + name + " occurs twice, with different values");
        }
    }

    /** Checks values that the server would misread: an unparsable sequence as another number, an empty header as none. */
    private static void require(String name, String value) {
        if (SEQUENCES.contains(name) && !isSequence(value)) {
            throw Failure.INVALID.because("The header " + name + " must be a whole number from 0 to " + Long.MAX_VALUE);
        }
        if (name.equals(NatsHeaders.MESSAGE_ID) && value.isBlank()) {
            throw Failure.INVALID.because("The message id is empty; omit it to have one generated");
        }
        if (value.isBlank() && name.toLowerCase(Locale.ROOT).startsWith(NATS_PREFIX)) {
            throw Failure.INVALID.because("The header " + name + " is empty; omit it");
        }
    }

    private static boolean isSequence(String value) {
        return value.matches("[0-9]{1,19}") && new BigInteger(value).bitLength() < Long.SIZE;
    }

    /** Returns the first spelling of the header in the message: HTTP field names are case-insensitive. */
    private static String present(Map<String, List<String>> message, String name) {
        return message.keySet().stream()
                .filter(key -> key.equalsIgnoreCase(name))
                .findFirst()
                .orElse(name);
    }

    private static String userName(String header) {
        String spelled = header.substring(USER_PREFIX.length());
        String name = header.equals(header.toLowerCase(Locale.ROOT)) ? canonical(spelled) : spelled;
        if (name.isEmpty() || reserved(name)) {
            throw Failure.INVALID.because(
                    "The header " + header + " must be NatsH- and a name that does not begin with Nats- or Sluice-");
        }
        return name;
    }

    private static boolean reserved(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return RESERVED_PREFIXES.stream().anyMatch(lower::startsWith);
    }

    /**
     * Returns the usual spelling of a MIME header, with a capital at the start and after each hyphen. Header names
     * defined by NATS keep their spelling.
     */
    private static String canonical(String name) {
        String known = PASSED.get(name.toLowerCase(Locale.ROOT));
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

    /** Rejects characters other than printable ASCII: NATS clients accept nothing else, and some fail on it. */
    private static String checked(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' || c > '~') {
                throw Failure.INVALID.because(
                        "The value of the header " + name + " has characters other than printable ASCII");
            }
        }
        return value;
    }
}
