package dev.sluice.stream.topology;

import dev.sluice.nats.SubjectPattern;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamJson;
import dev.sluice.stream.StreamInfo;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The desired configuration of a stream or consumer, as fields of the server's configuration. Other fields are not
 * compared, and an update sends them back unchanged.
 *
 * <p>A change narrows a stream if the stream then loses stored messages or copies of them, or silently stores fewer: a
 * lower limit, fewer replicas, a removed subject, a policy that removes messages. The stream may be of another owner.
 *
 * @param what name for the log and the readiness report
 * @param requests the requests for its configuration at the server
 * @param narrows whether changes that narrow an existing stream are sent
 * @param initial fields of a new one, which are not compared
 * @param required fields that must match
 * @param wished optional fields, which a server without the feature may lack
 */
public record Declaration(
        String what,
        Requests requests,
        boolean narrows,
        Map<String, JsonValue> initial,
        Map<String, JsonValue> required,
        Map<String, JsonValue> wished) {
    private static final Set<String> LIMITS = Set.of("max_age", "max_bytes", "max_msgs", "max_msgs_per_subject");

    /** The requests for a configuration at the server. Each returns the configuration that the server has after it. */
    interface Requests {
        Uni<Map<String, JsonValue>> info(JetStreamApi api);

        Uni<Map<String, JsonValue>> create(JetStreamApi api, Map<String, JsonValue> configuration);

        Uni<Map<String, JsonValue>> update(JetStreamApi api, Map<String, JsonValue> configuration);
    }

    private record StreamRequests(String name) implements Requests {

        @Override
        public Uni<Map<String, JsonValue>> info(JetStreamApi api) {
            return api.streamInfo(name).map(StreamInfo::configuration);
        }

        @Override
        public Uni<Map<String, JsonValue>> create(JetStreamApi api, Map<String, JsonValue> configuration) {
            return api.createStream(name, configuration).map(StreamInfo::configuration);
        }

        @Override
        public Uni<Map<String, JsonValue>> update(JetStreamApi api, Map<String, JsonValue> configuration) {
            return api.updateStream(name, configuration).map(StreamInfo::configuration);
        }
    }

    private record ConsumerRequests(ConsumerRef ref) implements Requests {

        @Override
        public Uni<Map<String, JsonValue>> info(JetStreamApi api) {
            return api.consumerInfo(ref).map(ConsumerInfo::configuration);
        }

        @Override
        public Uni<Map<String, JsonValue>> create(JetStreamApi api, Map<String, JsonValue> configuration) {
            return api.declareConsumer(ref, configuration).map(ConsumerInfo::configuration);
        }

        @Override
        public Uni<Map<String, JsonValue>> update(JetStreamApi api, Map<String, JsonValue> configuration) {
            return create(api, configuration);
        }
    }

    /** Returns the declaration of a stream with the given fields. */
    public static Declaration stream(
            String what,
            String name,
            boolean narrows,
            Map<String, JsonValue> initial,
            Map<String, JsonValue> required,
            Map<String, JsonValue> wished) {
        return new Declaration(what, new StreamRequests(name), narrows, initial, required, wished);
    }

    /** Returns the declaration of a consumer with the given fields. */
    static Declaration consumer(ConsumerRef ref, Map<String, JsonValue> required) {
        return new Declaration("consumer " + ref, new ConsumerRequests(ref), true, Map.of(), required, Map.of());
    }

    Declaration withoutWishes() {
        return new Declaration(what, requests, narrows, initial, required, Map.of());
    }

    /** Returns this declaration with the fields of {@code actual} that it would narrow. */
    Declaration sparing(Map<String, JsonValue> actual) {
        if (narrows) {
            return this;
        }
        Map<String, JsonValue> spared = new HashMap<>(required);
        spared.replaceAll((field, declared) -> wider(field, actual.get(field), declared));
        return new Declaration(what, requests, narrows, initial, spared, wished);
    }

    /** Returns the value of {@code field} that has what {@code actual} has, and what {@code declared} has beyond it. */
    private static JsonValue wider(String field, @Nullable JsonValue actual, JsonValue declared) {
        if (LIMITS.contains(field)) {
            return limit(actual) <= limit(declared) ? declared : actual == null ? JsonValue.NULL : actual;
        }
        if (actual == null) {
            return declared;
        }
        return switch (field) {
            case "num_replicas" -> JetStreamJson.number(declared) < JetStreamJson.number(actual) ? actual : declared;
            case "subjects" -> union(actual, declared);
            case "retention" -> changes(actual, "limits", declared, "interest") ? actual : declared;
            case "discard" -> changes(actual, "new", declared, "old") ? actual : declared;
            default -> declared;
        };
    }

    /** Returns a limit as a number. Servers write no limit as 0 or -1, or leave it out. */
    private static long limit(@Nullable JsonValue value) {
        long limit = JetStreamJson.number(value);
        return limit <= 0 ? Long.MAX_VALUE : limit;
    }

    private static boolean changes(JsonValue actual, String from, JsonValue declared, String to) {
        return from.equals(actual.string) && to.equals(declared.string);
    }

    /** Returns all subjects without those that another one covers: the server refuses subjects that overlap. */
    private static JsonValue union(JsonValue actual, JsonValue declared) {
        List<JsonValue> union = new ArrayList<>(uncovered(actual.array, declared.array));
        union.addAll(uncovered(declared.array, union));
        return new JsonValue(union);
    }

    private static List<JsonValue> uncovered(@Nullable List<JsonValue> subjects, @Nullable List<JsonValue> by) {
        List<JsonValue> wide = by == null ? List.of() : by;
        return subjects == null
                ? List.of()
                : subjects.stream()
                        .filter(subject -> wide.stream().noneMatch(other -> covers(other, subject)))
                        .toList();
    }

    private static boolean covers(JsonValue wide, JsonValue subject) {
        return SubjectPattern.covers(String.valueOf(wide.string), String.valueOf(subject.string));
    }

    /** Returns {@code actual} with the declared fields changed. Keeps all other fields. */
    Map<String, JsonValue> over(Map<String, JsonValue> actual) {
        Map<String, JsonValue> merged = new HashMap<>(actual);
        merged.putAll(required);
        merged.putAll(wished);
        merged.values().removeIf(Declaration::unset);
        return merged;
    }

    /** Describes each field of {@code actual} that differs from the declaration; empty if none does. */
    String differences(Map<String, JsonValue> actual) {
        Map<String, JsonValue> wanted = new TreeMap<>(required);
        wanted.putAll(wished);
        return wanted.entrySet().stream()
                .filter(field -> !text(field.getValue()).equals(text(actual.get(field.getKey()))))
                .map(field -> field.getKey() + " is " + text(actual.get(field.getKey())) + ", declared "
                        + text(field.getValue()))
                .collect(Collectors.joining("; "));
    }

    /** Returns whether {@code value} is equivalent to an absent field. Servers omit empty values. */
    private static boolean unset(@Nullable JsonValue value) {
        if (value == null) {
            return true;
        }
        return switch (value.type) {
            case NULL -> true;
            case BOOL -> Boolean.FALSE.equals(value.bool);
            case STRING -> String.valueOf(value.string).isEmpty();
            case ARRAY -> List.of().equals(value.array);
            case MAP -> Map.of().equals(value.map);
            default -> false;
        };
    }

    private static String text(@Nullable JsonValue value) {
        if (value == null || unset(value)) {
            return "unset";
        }
        List<JsonValue> elements = value.array;
        return elements == null
                ? value.toJson()
                : elements.stream().map(JsonValue::toJson).sorted().toList().toString();
    }
}
