package dev.sluice.stream;

import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object in a server's configuration of a stream. A field that has its default is absent: readers
 * return null or an empty list for it, and writers leave it out. Not thread-safe while it is written.
 */
public final class ConfigurationFields {
    private final Map<String, JsonValue> fields;

    /** Creates an object without fields. */
    public ConfigurationFields() {
        this(new HashMap<>());
    }

    private ConfigurationFields(@Nullable Map<String, JsonValue> fields) {
        this.fields = fields == null ? new HashMap<>() : fields;
    }

    /** Returns the configuration that the server reports. */
    public static ConfigurationFields of(StreamInfo stream) {
        return new ConfigurationFields(new HashMap<>(stream.configuration()));
    }

    /** Returns the text; null if it is empty. */
    public @Nullable String text(String name) {
        String text = JsonValueUtils.readString(value(), name);
        return text == null || text.isEmpty() ? null : text;
    }

    /** Returns the text of a field that is always present; empty if it is not. */
    public String requiredText(String name) {
        return JsonValueUtils.readString(value(), name, "");
    }

    /** Returns the number; null if it is not positive, which means no limit. */
    public @Nullable Long number(String name) {
        long number = JsonValueUtils.readLong(value(), name, 0);
        return number <= 0 ? null : number;
    }

    /** Returns true, or null for false. */
    public @Nullable Boolean flag(String name) {
        return JsonValueUtils.readBoolean(value(), name) ? true : null;
    }

    public @Nullable Duration duration(String name) {
        Duration duration = JsonValueUtils.readNanos(value(), name);
        return duration == null || duration.isZero() ? null : duration;
    }

    public @Nullable Instant time(String name) {
        ZonedDateTime time = JsonValueUtils.readDate(value(), name);
        return time == null ? null : time.toInstant();
    }

    public List<String> texts(String name) {
        return JsonValueUtils.readStringList(value(), name);
    }

    public @Nullable ConfigurationFields object(String name) {
        JsonValue object = fields.get(name);
        return object == null || object.map == null ? null : new ConfigurationFields(object.map);
    }

    public List<ConfigurationFields> objects(String name) {
        return JsonValueUtils.readArray(value(), name).stream()
                .map(object -> new ConfigurationFields(object.map))
                .toList();
    }

    /** Returns all fields that are texts, by name. */
    public Map<String, String> texts() {
        Map<String, String> texts = new TreeMap<>();
        fields.forEach((name, value) -> {
            if (value.string != null) {
                texts.put(name, value.string);
            }
        });
        return texts;
    }

    public ConfigurationFields text(String name, @Nullable String value) {
        return value == null || value.isEmpty() ? this : put(name, new JsonValue(value));
    }

    /** Writes a field of an object whose fields have no default, such as metadata. */
    public ConfigurationFields entry(String name, String value) {
        return put(name, new JsonValue(value));
    }

    public ConfigurationFields number(String name, @Nullable Long value) {
        return value == null ? this : put(name, new JsonValue(value));
    }

    public ConfigurationFields flag(String name, @Nullable Boolean value) {
        return Boolean.TRUE.equals(value) ? put(name, JsonValue.TRUE) : this;
    }

    public ConfigurationFields duration(String name, @Nullable Duration value) {
        return value == null || value.isZero() ? this : put(name, new JsonValue(value.toNanos()));
    }

    public ConfigurationFields texts(String name, List<String> values) {
        return values.isEmpty()
                ? this
                : put(name, new JsonValue(values.stream().map(JsonValue::new).toList()));
    }

    public ConfigurationFields object(String name, @Nullable ConfigurationFields value) {
        return value == null ? this : put(name, value.value());
    }

    public ConfigurationFields objects(String name, List<ConfigurationFields> values) {
        return values.isEmpty()
                ? this
                : put(
                        name,
                        new JsonValue(
                                values.stream().map(ConfigurationFields::value).toList()));
    }

    Map<String, JsonValue> map() {
        return fields;
    }

    private ConfigurationFields put(String name, JsonValue value) {
        fields.put(name, value);
        return this;
    }

    private JsonValue value() {
        return new JsonValue(fields);
    }
}
