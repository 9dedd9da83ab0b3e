package dev.sluice.stream.topology;

import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.StreamInfo;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Uni;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The desired configuration of a stream or consumer, as fields of the server's configuration. Other fields are not
 * compared, and an update sends them back unchanged.
 *
 * @param what name for the log and the readiness report
 * @param requests the requests for its configuration at the server
 * @param initial fields of a new one, which are not compared
 * @param required fields that must match
 * @param wished optional fields, which a server without the feature may lack
 */
public record Declaration(
        String what,
        Requests requests,
        Map<String, JsonValue> initial,
        Map<String, JsonValue> required,
        Map<String, JsonValue> wished) {

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
            Map<String, JsonValue> initial,
            Map<String, JsonValue> required,
            Map<String, JsonValue> wished) {
        return new Declaration(what, new StreamRequests(name), initial, required, wished);
    }

    /** Returns the declaration of a consumer with the given fields. */
    static Declaration consumer(ConsumerRef ref, Map<String, JsonValue> required) {
        return new Declaration("consumer " + ref, new ConsumerRequests(ref), Map.of(), required, Map.of());
    }

    Declaration withoutWishes() {
        return new Declaration(what, requests, initial, required, Map.of());
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
