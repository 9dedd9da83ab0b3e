package dev.sluice.http.message;

import dev.sluice.cloudevents.CloudEvents;
import dev.sluice.cloudevents.ContentMode;
import dev.sluice.failure.Failure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a request to publish.
 *
 * @param message the headers of the message
 * @param attributes what the headers {@code ce-<name>} have, by name in lower case
 */
public record PublishRequestHeaders(Map<String, List<String>> message, Map<String, List<String>> attributes) {

    /**
     * Returns how the request carries CloudEvents.
     *
     * @throws dev.sluice.failure.SluiceException {@code UNSUPPORTED_MEDIA_TYPE}; {@code INVALID} if a message header that
     *     the caller names itself would be an attribute
     */
    public ContentMode mode() {
        ContentMode mode = ContentMode.of(contentType(), !attributes.isEmpty());
        if (mode != ContentMode.NONE) {
            message.keySet().forEach(PublishRequestHeaders::requireNoAttribute);
        }
        return mode;
    }

    /**
     * Returns the headers of the message of an event in binary mode.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} with the violations
     */
    public Map<String, List<String>> ofBinaryEvent() {
        Map<String, List<String>> all = new LinkedHashMap<>(message);
        CloudEvents.messageHeaders(attributes, contentType()).forEach((name, value) -> all.put(name, List.of(value)));
        return all;
    }

    /** Returns the headers of the message of one event of a batch. */
    public Map<String, List<String>> ofBatchedEvent() {
        Map<String, List<String>> all = new LinkedHashMap<>(message);
        all.put(MessageHeaders.CONTENT_TYPE, List.of(ContentMode.EVENT));
        return all;
    }

    private @Nullable String contentType() {
        List<String> values = message.get(MessageHeaders.CONTENT_TYPE);
        return values == null ? null : values.get(0);
    }

    private static void requireNoAttribute(String name) {
        if (name.toLowerCase(Locale.ROOT).startsWith(CloudEvents.PREFIX)) {
            throw Failure.INVALID.because("The header NatsH-" + name + " of a CloudEvent must be " + name);
        }
    }
}
