package dev.sluice.stream;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.Message;
import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of JetStream: answers of its API, and texts that clients have stored. What is malformed or missing has one
 * meaning here. The parser of jnats throws several exceptions for it, and its values have null fields.
 */
public final class JetStreamJson {
    private JetStreamJson() {}

    /**
     * Reads the answer to {@code operation}.
     *
     * @throws SluiceException if the server refused the request
     */
    static JsonValue read(String operation, Message reply) {
        if (reply.isStatusMessage()) {
            throw Failure.UNAVAILABLE.because("No answer to " + operation + ": JetStream is unavailable or disabled");
        }
        JsonValue answer = parse(new String(reply.getData(), StandardCharsets.UTF_8));
        JsonValue error = member(answer, "error");
        if (error != null) {
            throw refusal(error);
        }
        return answer;
    }

    private static SluiceException refusal(JsonValue error) {
        int errorCode = (int) number(member(error, "err_code"));
        int code = (int) number(member(error, "code"));
        JsonValue description = member(error, "description");
        String detail = description == null || description.string == null ? "refused" : description.string;
        return JetStreamErrors.failure(errorCode, code).because(detail, errorCode);
    }

    /**
     * Parses text that anybody may have written. The parser of jnats throws {@code IndexOutOfBoundsException} for some texts
     * that are not JSON, and {@code StackOverflowError} for deep ones.
     *
     * @throws SluiceException {@code UNAVAILABLE} if it is not JSON, or too deep
     */
    public static JsonValue parse(String json) {
        try {
            return JsonParser.parse(json);
        } catch (JsonParseException | RuntimeException | StackOverflowError e) {
            throw Failure.UNAVAILABLE.because("JetStream answered something that is not JSON", e);
        }
    }

    /** Returns the member of this name; null if {@code object} has none, or is not an object. */
    public static @Nullable JsonValue member(JsonValue object, String name) {
        return object.map == null ? null : object.map.get(name);
    }

    /** Returns the number; 0 if there is none. */
    public static long number(@Nullable JsonValue value) {
        return value == null || value.number == null ? 0 : value.number.longValue();
    }

    /** Reads a page. The server counts those without a leader, too: it tells their names only. */
    static <T> ListPage<T> page(
            JsonValue answer, String what, int offset, Function<JsonValue, T> read, Function<T, String> name) {
        List<T> listed =
                JsonValueUtils.readArray(answer, what).stream().map(read).toList();
        Set<String> missing = new TreeSet<>(JsonValueUtils.readStringList(answer, "missing"));
        listed.forEach(item -> missing.remove(name.apply(item)));
        int counted = listed.size() + missing.size();
        int next = offset + counted;
        boolean more = counted > 0 && next < JsonValueUtils.readLong(answer, "total", 0);
        return new ListPage<>(listed, List.copyOf(missing), more ? OptionalInt.of(next) : OptionalInt.empty());
    }
}
