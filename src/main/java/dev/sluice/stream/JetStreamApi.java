package dev.sluice.stream;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
import io.nats.client.Message;
import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the JetStream API as {@code Uni}, with the answer as plain JSON: what a newer server says and this client
 * does not know is still there, so that it can be sent back unharmed.
 */
public final class JetStreamApi {
    /** Where the API is, unless in a JetStream domain or imported from another account under another name. */
    public static final String DEFAULT_PREFIX = "$JS.API";

    private final NatsLink link;
    private final String prefix;
    private final Duration timeout;

    /** @param prefix {@link #DEFAULT_PREFIX}, or that of a JetStream domain or an imported account */
    public JetStreamApi(NatsLink link, String prefix, Duration timeout) {
        this.link = link;
        this.prefix = prefix;
        this.timeout = timeout;
    }

    /**
     * Asks at subscription; the answer comes on a thread of the connection. Fails as {@link JetStreamErrors} says for what
     * the server refuses, with its error code; {@code FORBIDDEN} at once where it does not let our own user ask;
     * {@code UNAVAILABLE} without an error code where JetStream does not answer in time, as while it elects a leader.
     *
     * @param operation as {@code STREAM.INFO.ORDERS}
     * @param body JSON, or empty
     */
    public Uni<JsonValue> ask(String operation, String body) {
        return send(operation, body, Failure.UNAVAILABLE);
    }

    /**
     * As {@link #ask}, for an operation that changes something: fails {@code OUTCOME_UNKNOWN} where it was sent and no
     * answer came in time.
     */
    public Uni<JsonValue> change(String operation, String body) {
        return send(operation, body, Failure.OUTCOME_UNKNOWN);
    }

    private Uni<JsonValue> send(String operation, String body, Failure late) {
        return Uni.createFrom()
                .completionStage(() -> request(operation, body))
                .onFailure(failure -> !(failure instanceof SluiceException))
                .transform(failure -> silence(operation, isLate(failure) ? late : Failure.UNAVAILABLE, failure))
                .map(reply -> read(operation, reply));
    }

    private CompletionStage<Message> request(String operation, String body) {
        return link.request(link.connection(), prefix + "." + operation, body.getBytes(StandardCharsets.UTF_8), timeout)
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static SluiceException silence(String operation, Failure kind, Throwable cause) {
        String consequence = kind == Failure.OUTCOME_UNKNOWN ? "; whether it was done is not known" : "";
        return kind.because("JetStream did not answer " + operation + consequence, cause);
    }

    /** jnats cancels a request that it gives up. */
    private static boolean isLate(Throwable failure) {
        return failure instanceof TimeoutException || failure instanceof CancellationException;
    }

    private static JsonValue read(String operation, Message reply) {
        if (reply.isStatusMessage()) {
            throw Failure.UNAVAILABLE.because("Nobody answers " + operation + ": JetStream is away or switched off");
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

    public static JsonValue parse(String json) {
        try {
            return JsonParser.parse(json);
        } catch (JsonParseException e) {
            throw Failure.UNAVAILABLE.because("JetStream answered something that is not JSON", e);
        }
    }

    public static @Nullable JsonValue member(JsonValue object, String name) {
        return object.map == null ? null : object.map.get(name);
    }

    public static long number(@Nullable JsonValue value) {
        return value == null || value.number == null ? 0 : value.number.longValue();
    }
}
