package dev.sluice.stream.topology;

import io.nats.client.support.JsonValue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The desired configuration of a stream or consumer, as fields of the server's configuration. Other fields are not
 * compared, and an update sends them back unchanged.
 *
 * @param what name for the log and the readiness report
 * @param info API operation that returns the current configuration
 * @param create API operation that creates it
 * @param update API operation that updates it
 * @param request converts a configuration to the request body of {@code create} and {@code update}
 * @param initial fields of a new one, which are not compared
 * @param required fields that must match
 * @param wished optional fields, which a server without the feature may lack
 */
public record Declaration(
        String what,
        String info,
        String create,
        String update,
        UnaryOperator<JsonValue> request,
        Map<String, JsonValue> initial,
        Map<String, JsonValue> required,
        Map<String, JsonValue> wished) {

    /** Returns the declaration of a stream with the given fields. */
    public static Declaration stream(
            String what,
            String name,
            Map<String, JsonValue> initial,
            Map<String, JsonValue> required,
            Map<String, JsonValue> wished) {
        return new Declaration(
                what,
                "STREAM.INFO." + name,
                "STREAM.CREATE." + name,
                "STREAM.UPDATE." + name,
                UnaryOperator.identity(),
                initial,
                required,
                wished);
    }

    Declaration withoutWishes() {
        return new Declaration(what, info, create, update, request, initial, required, Map.of());
    }

    /** Returns the request body that changes {@code actual} to the declared fields and keeps all other fields. */
    String over(Map<String, JsonValue> actual) {
        Map<String, JsonValue> merged = new HashMap<>(actual);
        merged.putAll(required);
        merged.putAll(wished);
        merged.values().removeIf(Declaration::unset);
        return request.apply(new JsonValue(merged)).toJson();
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
