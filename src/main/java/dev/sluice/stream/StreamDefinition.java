package dev.sluice.stream;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The complete configuration of a stream as a caller defines it. It is declared as a whole: a field that is not set has
 * the server's default. A server ignores fields that it does not know, so a definition also lists the features that it
 * needs.
 *
 * @param fields fields of the server's configuration, without those that have their default
 */
public record StreamDefinition(String name, Map<String, JsonValue> fields) {
    /** The fields that a definition sets or resets. An update preserves all others. */
    private static final Set<String> DEFINED = Set.of(
            "name",
            "description",
            "subjects",
            "retention",
            "discard",
            "discard_new_per_subject",
            "max_age",
            "max_bytes",
            "max_msgs",
            "max_msgs_per_subject",
            "max_msg_size",
            "max_consumers",
            "duplicate_window",
            "compression",
            "allow_direct",
            "allow_rollup_hdrs",
            "deny_delete",
            "deny_purge",
            "allow_msg_ttl",
            "subject_delete_marker_ttl",
            "allow_atomic",
            "allow_batched",
            "allow_msg_schedules",
            "mirror",
            "sources",
            "republish",
            "subject_transform",
            "metadata");

    /** The fields whose change servers reject, or reject in one direction, with their defaults. */
    private static final Map<String, String> FIXED = new TreeMap<>(Map.of(
            "storage", "\"file\"",
            "retention", "\"limits\"",
            "max_consumers", "-1",
            "mirror", "",
            "deny_delete", "false",
            "deny_purge", "false",
            "allow_msg_ttl", "false",
            "allow_msg_schedules", "false"));

    /** The API level (ADR-44) of a server that knows the field. */
    private static final Map<String, Integer> LEVELS = Map.of(
            "allow_msg_ttl", 1,
            "subject_delete_marker_ttl", 1,
            "allow_atomic", 2,
            "allow_msg_schedules", 2,
            "allow_batched", 4);

    /** Fields of servers that do not report an API level yet. */
    private static final Set<String> SINCE_2_10 = Set.of("compression", "metadata", "subject_transform");

    /** Fields that have another name in the HTTP API. */
    private static final Map<String, String> NAMES = Map.of(
            "allow_msg_ttl", "allow_message_ttl",
            "subject_delete_marker_ttl", "marker_ttl",
            "allow_msg_schedules", "allow_schedules",
            "allow_rollup_hdrs", "allow_rollup");

    private static final Set<String> PRESERVED_OF_ORIGIN = Set.of("external", "domain", "consumer");

    public StreamDefinition {
        ConsumerRef.check("stream", name);
        fields = Map.copyOf(fields);
    }

    public StreamDefinition(String name, ConfigurationFields fields) {
        this(name, fields.map());
    }

    /** Returns the API level that a server needs for all fields; 0 if every server will do. */
    public int level() {
        return fields.keySet().stream()
                .mapToInt(field -> LEVELS.getOrDefault(field, 0))
                .max()
                .orElse(0);
    }

    /** Returns whether a field needs a server 2.10 or newer. */
    public boolean since210() {
        return fields.keySet().stream().anyMatch(SINCE_2_10::contains)
                || origins().anyMatch(origin -> origin.map != null && origin.map.containsKey("subject_transforms"));
    }

    /** Describes the fields that need a higher API level than {@code level}. */
    public SluiceException unsupported(long level) {
        return unsupported(fields.keySet().stream()
                .filter(field -> LEVELS.getOrDefault(field, 0) > level)
                .toList());
    }

    /** Describes fields that the server does not know. */
    public static SluiceException unsupported(List<String> fields) {
        return Failure.NOT_SUPPORTED.because("This NATS server is too old for " + String.join(", ", named(fields)));
    }

    /** Returns the fields that the server has ignored. */
    public List<String> ignoredBy(StreamInfo declared) {
        return fields.keySet().stream()
                .filter(field -> !declared.configuration().containsKey(field))
                .toList();
    }

    /**
     * Returns the configuration that replaces {@code actual}. It keeps the fields that a definition cannot set, and the
     * storage and number of replicas unless this definition names them.
     */
    public Map<String, JsonValue> over(Map<String, JsonValue> actual) {
        Map<String, JsonValue> merged = new HashMap<>(actual);
        merged.keySet().removeAll(DEFINED);
        merged.putAll(fields);
        merged.put("name", new JsonValue(name));
        JsonValue sources = fields.get("sources");
        if (sources != null) {
            merged.put("sources", new JsonValue(preserving(elements(sources), elements(actual.get("sources")))));
        }
        JsonValue mirror = fields.get("mirror");
        if (mirror != null) {
            merged.put(
                    "mirror",
                    preserving(List.of(mirror), elements(actual.get("mirror"))).get(0));
        }
        return merged;
    }

    /** Returns the fields of {@code actual} that this definition changes although servers may reject the change. */
    public List<String> fixedIn(Map<String, JsonValue> actual) {
        Map<String, JsonValue> wanted = over(actual);
        return named(FIXED.entrySet().stream()
                .filter(field -> !text(wanted.get(field.getKey()), field.getValue())
                        .equals(text(actual.get(field.getKey()), field.getValue())))
                .map(Map.Entry::getKey)
                .toList());
    }

    /** Returns the names of the streams that it mirrors or sources. */
    public List<String> originNames() {
        return origins()
                .map(origin -> JsonValueUtils.readString(origin, "name"))
                .filter(Objects::nonNull)
                .toList();
    }

    private Stream<JsonValue> origins() {
        Stream<JsonValue> mirror = Stream.ofNullable(fields.get("mirror"));
        return Stream.concat(mirror, JsonValueUtils.readArray(new JsonValue(fields), "sources").stream());
    }

    /**
     * Copies to each origin what a definition cannot set, for example the account that it comes from. Of several origins
     * with the same name and filter, the first one wanted is the first one there is.
     */
    private static List<JsonValue> preserving(List<JsonValue> wanted, List<JsonValue> actual) {
        List<JsonValue> left = new ArrayList<>(actual);
        List<JsonValue> merged = new ArrayList<>();
        for (JsonValue origin : wanted) {
            Map<String, JsonValue> fields = new HashMap<>(Objects.requireNonNull(origin.map));
            left.stream()
                    .filter(before -> key(before).equals(key(origin)))
                    .findFirst()
                    .ifPresent(before -> {
                        left.remove(before);
                        copyPreserved(before, fields);
                    });
            merged.add(new JsonValue(fields));
        }
        requireNoneLost(wanted, actual, left);
        return merged;
    }

    private static void copyPreserved(JsonValue before, Map<String, JsonValue> fields) {
        PRESERVED_OF_ORIGIN.forEach(name -> {
            JsonValue value = JetStreamJson.member(before, name);
            if (value != null) {
                fields.put(name, value);
            }
        });
    }

    /**
     * Fails {@code CONFLICT} if some of several origins with the same name and filter are removed: a definition cannot tell
     * which of them.
     */
    private static void requireNoneLost(List<JsonValue> wanted, List<JsonValue> actual, List<JsonValue> removed) {
        Set<List<String>> kept =
                new HashSet<>(wanted.stream().map(StreamDefinition::key).toList());
        removed.stream()
                .map(StreamDefinition::key)
                .filter(kept::contains)
                .findFirst()
                .ifPresent(key -> {
                    Set<Map<String, JsonValue>> different = new HashSet<>();
                    actual.stream().filter(origin -> key(origin).equals(key)).forEach(origin -> {
                        Map<String, JsonValue> preserved = new HashMap<>();
                        copyPreserved(origin, preserved);
                        different.add(preserved);
                    });
                    if (different.size() > 1) {
                        throw Failure.CONFLICT.because("The stream has several sources " + key.get(0)
                                + " of different accounts or domains: which of them to remove cannot be told");
                    }
                });
    }

    private static List<JsonValue> elements(@Nullable JsonValue value) {
        if (value == null) {
            return List.of();
        }
        return value.array == null ? List.of(value) : value.array;
    }

    private static List<String> key(JsonValue source) {
        return List.of(
                JsonValueUtils.readString(source, "name", ""), JsonValueUtils.readString(source, "filter_subject", ""));
    }

    private static List<String> named(List<String> fields) {
        return List.copyOf(new TreeSet<>(
                fields.stream().map(field -> NAMES.getOrDefault(field, field)).toList()));
    }

    private static String text(@Nullable JsonValue value, String otherwise) {
        return value == null ? otherwise : value.toJson();
    }
}
