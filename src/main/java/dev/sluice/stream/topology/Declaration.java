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
 * A stream or consumer as it is to be, as fields of the server's own configuration. What it does not name is not
 * compared, and is sent back as the server has it.
 *
 * @param what for the log and the readiness report
 * @param info the API operation that tells how it is
 * @param create the operation that creates it
 * @param update the operation that changes it
 * @param request makes the body of both from a configuration
 * @param required what has to hold; a server that says something else does not have it as declared
 * @param wished what servers without the feature may lack
 */
public record Declaration(
        String what,
        String info,
        String create,
        String update,
        UnaryOperator<JsonValue> request,
        Map<String, JsonValue> required,
        Map<String, JsonValue> wished) {

    /** A stream that is created and updated as {@code fields} say. */
    public static Declaration stream(
            String what, String name, Map<String, JsonValue> required, Map<String, JsonValue> wished) {
        return new Declaration(
                what,
                "STREAM.INFO." + name,
                "STREAM.CREATE." + name,
                "STREAM.UPDATE." + name,
                UnaryOperator.identity(),
                required,
                wished);
    }

    Declaration withoutWishes() {
        return new Declaration(what, info, create, update, request, required, Map.of());
    }

    /** The body of a request that makes {@code actual} what is declared, and changes nothing else in it. */
    String over(Map<String, JsonValue> actual) {
        Map<String, JsonValue> merged = new HashMap<>(actual);
        merged.putAll(required);
        merged.putAll(wished);
        merged.values().removeIf(Declaration::unset);
        return request.apply(new JsonValue(merged)).toJson();
    }

    /** Field by field, what {@code actual} has and what it should; empty if all is as declared. */
    String differences(Map<String, JsonValue> actual) {
        Map<String, JsonValue> wanted = new TreeMap<>(required);
        wanted.putAll(wished);
        return wanted.entrySet().stream()
                .filter(field -> !text(field.getValue()).equals(text(actual.get(field.getKey()))))
                .map(field -> field.getKey() + " is " + text(actual.get(field.getKey())) + ", declared "
                        + text(field.getValue()))
                .collect(Collectors.joining("; "));
    }

    /** Servers leave out what is empty, and say -1 for no limit where they were told 0. */
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
