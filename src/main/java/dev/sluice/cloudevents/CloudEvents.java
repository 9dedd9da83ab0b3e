package dev.sluice.cloudevents;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.failure.Violation;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * CloudEvents as HTTP requests and as NATS messages, by the protocol bindings of version 1.0. An event in JSON is the
 * payload of a message, byte by byte. The attributes of an event in binary mode are headers. Their values are encoded for
 * NATS in one way, whatever the encoding of the request.
 */
public final class CloudEvents {
    /** Prefix of attribute headers, case-insensitive. */
    public static final String PREFIX = "ce-";

    private static final String CONTENT_TYPE = "Content-Type";

    private CloudEvents() {}

    /**
     * Returns the NATS headers of an event in binary mode. The content type of the request is the attribute
     * {@code datacontenttype}, which NATS has as a header like the others.
     *
     * @param attributes the values of the headers by the name of the attribute, in lower case and without
     *     {@link #PREFIX}
     * @throws dev.sluice.failure.SluiceException {@code INVALID} with the violations
     */
    public static Map<String, String> messageHeaders(
            Map<String, List<String>> attributes, @Nullable String contentType) {
        List<Violation> violations = new ArrayList<>();
        Attributes event = new Attributes("", violations);
        if (attributes.containsKey(AttributeRules.CONTENT_TYPE)) {
            event.broken(AttributeRules.CONTENT_TYPE, "must be the header Content-Type");
        } else if (contentType != null) {
            event.put(AttributeRules.CONTENT_TYPE, contentType);
        }
        attributes.forEach((name, values) -> {
            if (!name.equals(AttributeRules.CONTENT_TYPE)) {
                read(event, name, values);
            }
        });
        Map<String, String> valid = required(event, violations);
        Map<String, String> headers = new LinkedHashMap<>();
        valid.forEach((name, value) -> headers.put(PREFIX + name, HeaderValue.encode(value)));
        return headers;
    }

    /**
     * Requires that the body is one event in JSON.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} with the violations
     */
    public static void requireEvent(byte[] body) {
        JsonCloudEvents.requireEvent(body);
    }

    /**
     * Returns the events of a batch, each as its bytes in the batch.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} with the violations: {@code [1].source} is an attribute
     *     of the second event
     */
    public static List<byte[]> split(byte[] batch) {
        return JsonCloudEvents.split(batch);
    }

    /**
     * Returns a batch of events in JSON.
     *
     * @param events as {@link #json} returns them
     */
    public static byte[] join(List<byte[]> events) {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        batch.write('[');
        for (int i = 0; i < events.size(); i++) {
            if (i > 0) {
                batch.write(',');
            }
            batch.writeBytes(events.get(i));
        }
        batch.write(']');
        return batch.toByteArray();
    }

    /**
     * Returns a message as an event in JSON. A message without {@code ce-*} and {@code Content-Type} is an event if its
     * payload is one in JSON: NATS clients without headers send events so.
     *
     * @param headers the headers of the message; names in any case
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if the message is not an event
     */
    public static byte[] json(Map<String, List<String>> headers, byte[] payload) {
        Map<String, List<String>> attributes = new LinkedHashMap<>();
        headers.forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith(PREFIX)) {
                attributes
                        .computeIfAbsent(lower.substring(PREFIX.length()), key -> new ArrayList<>())
                        .addAll(values);
            }
        });
        Optional<String> contentType = headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(CONTENT_TYPE))
                .flatMap(header -> header.getValue().stream())
                .findFirst();
        boolean structured = contentType.map(ContentMode::isOfFamily).orElse(attributes.isEmpty());
        if (structured) {
            JsonCloudEvents.requireEvent(payload);
            return payload;
        }
        List<Violation> violations = new ArrayList<>();
        Attributes event = new Attributes("", violations);
        attributes.forEach((name, values) -> read(event, name, values));
        if (!attributes.containsKey(AttributeRules.CONTENT_TYPE)) {
            contentType.ifPresent(type -> event.put(AttributeRules.CONTENT_TYPE, type));
        }
        return CloudEventWriter.write(required(event, violations), payload);
    }

    private static void read(Attributes event, String name, List<String> values) {
        String rule = AttributeRules.ofName(name);
        if (rule != null) {
            event.broken(name, rule);
        } else if (values.size() > 1) {
            event.broken(name, "must occur only once");
        } else if (event.first(name)) {
            event.putDecoded(name, HeaderValue.decode(values.get(0)));
        }
    }

    private static Map<String, String> required(Attributes event, List<Violation> violations) {
        Map<String, String> valid = event.complete();
        if (!violations.isEmpty()) {
            throw invalid(violations);
        }
        return valid;
    }

    /**
     * Returns the failure of an event that breaks the specification.
     *
     * @param violations at least one; the detail states the first
     */
    static SluiceException invalid(List<Violation> violations) {
        Violation first = violations.get(0);
        return invalid("Not a valid CloudEvent: " + first.field() + " " + first.rule(), violations);
    }

    static SluiceException invalid(String detail, List<Violation> violations) {
        return Failure.INVALID.because(detail).with(violations);
    }
}
