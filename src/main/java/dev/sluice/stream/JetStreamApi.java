package dev.sluice.stream;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking client of the JetStream API. Requests are sent on subscription. The management calls of jnats block,
 * and its contexts cache the version of a server that may have been replaced since. Answers arrive on a thread of the
 * connection, timeouts on the event thread of the link. Typed answers keep fields that this client does not know, so
 * that updates can send them back.
 *
 * <p>All requests fail as {@link JetStreamErrors} maps the server's error code; with {@code FORBIDDEN} at once if the
 * server denies the request to Sluice's own user; with {@code UNAVAILABLE}, without an error code, if JetStream does
 * not answer in time, for example during the election of a leader.
 */
public final class JetStreamApi {
    /** Subject prefix of the API, unless it belongs to a JetStream domain or is imported under another prefix. */
    public static final String DEFAULT_PREFIX = "$JS.API";

    private static final int NO_MESSAGE = 404;
    private static final String STORED_SEQUENCE = "Nats-Sequence";

    /** Minimum timeout of a listing: a server waits four seconds for a stream without a leader, and answers then. */
    private static final Duration LISTING = Duration.ofSeconds(6);

    private final NatsLink link;
    private final String prefix;
    private final Duration timeout;

    /** @param prefix {@link #DEFAULT_PREFIX}, or the prefix of a JetStream domain or an imported account */
    public JetStreamApi(NatsLink link, String prefix, Duration timeout) {
        this.link = link;
        this.prefix = prefix;
        this.timeout = timeout;
    }

    public Uni<StreamInfo> streamInfo(String stream) {
        return ask("STREAM.INFO." + stream, "").map(StreamInfo::of);
    }

    /**
     * Completes if the leader of the stream has recently heard from a majority, see {@link StreamInfo#requireMajority}. A
     * reader that found nothing calls this afterwards, because a leader that was replaced does not know what was stored
     * since.
     */
    public Uni<Void> requireMajority(String stream) {
        return streamInfo(stream).invoke(StreamInfo::requireMajority).replaceWithVoid();
    }

    /**
     * Returns the names of the streams that store messages on {@code subject} or, for a pattern, on a matching subject.
     */
    public Uni<List<String>> streamNames(String subject) {
        return Uni.createFrom().deferred(() -> streamNames(link.connection(), subject));
    }

    /** Returns the stream that stores {@code subject}. Fails {@code NO_STREAM} if there is none. */
    public Uni<StreamInfo> streamOf(String subject) {
        return streamNames(subject)
                .map(names -> {
                    if (names.isEmpty()) {
                        throw Failure.NO_STREAM.because("No stream stores the subject " + subject);
                    }
                    return names.get(0);
                })
                .chain(this::streamInfo);
    }

    /** As {@link #streamNames(String)}. */
    public Uni<List<String>> streamNames(Connection connection, String subject) {
        String body = new JsonValue(Map.of("subject", new JsonValue(subject))).toJson();
        return send(connection, "STREAM.NAMES", body, Failure.UNAVAILABLE)
                .map(answer -> JsonValueUtils.readStringList(answer, "streams"));
    }

    /**
     * Returns a page of the streams with a subject that matches {@code subject}. {@code offset} counts all of them.
     */
    public Uni<ListPage<StreamInfo>> streams(String subject, int offset) {
        Map<String, JsonValue> request = Map.of("offset", new JsonValue(offset), "subject", new JsonValue(subject));
        return list(
                "STREAM.LIST", "streams", new JsonValue(request).toJson(), offset, StreamInfo::of, StreamInfo::name);
    }

    /** Returns a page of all streams. */
    public Uni<ListPage<StreamInfo>> streams(int offset) {
        return list("STREAM.LIST", "streams", fromOffset(offset), offset, StreamInfo::of, StreamInfo::name);
    }

    /** Returns a page of the consumers of {@code stream}. */
    public Uni<ListPage<ConsumerInfo>> consumers(String stream, int offset) {
        return list(
                "CONSUMER.LIST." + stream,
                "consumers",
                fromOffset(offset),
                offset,
                ConsumerInfo::of,
                ConsumerInfo::name);
    }

    private static String fromOffset(int offset) {
        return new JsonValue(Map.of("offset", new JsonValue(offset))).toJson();
    }

    private <T> Uni<ListPage<T>> list(
            String operation,
            String what,
            String request,
            int offset,
            Function<JsonValue, T> read,
            Function<T, String> name) {
        Duration patience = timeout.compareTo(LISTING) < 0 ? LISTING : timeout;
        return new JetStreamApi(link, prefix, patience)
                .ask(operation, request)
                .map(answer -> page(answer, what, offset, read, name));
    }

    /** Reads a page. The server counts those without a leader, too: it tells their names only. */
    static <T> ListPage<T> page(
            JsonValue answer, String what, int offset, Function<JsonValue, T> read, Function<T, String> name) {
        List<T> listed =
                JsonValueUtils.readArray(answer, what).stream().map(read).toList();
        Set<String> counted = new HashSet<>(JsonValueUtils.readStringList(answer, "missing"));
        listed.forEach(item -> counted.add(name.apply(item)));
        int next = offset + counted.size();
        boolean more = !counted.isEmpty() && next < JsonValueUtils.readLong(answer, "total", 0);
        return new ListPage<>(listed, more ? OptionalInt.of(next) : OptionalInt.empty());
    }

    public Uni<ConsumerInfo> consumerInfo(ConsumerRef ref) {
        return Uni.createFrom().deferred(() -> consumerInfo(link.connection(), ref));
    }

    public Uni<ConsumerInfo> consumerInfo(Connection connection, ConsumerRef ref) {
        return send(connection, "CONSUMER.INFO." + ref.address(), "", Failure.UNAVAILABLE)
                .map(ConsumerInfo::of);
    }

    /** Creates the consumer. An existing consumer with the same configuration is left as it is. */
    public Uni<ConsumerInfo> createConsumer(Connection connection, ConsumerDefinition definition) {
        JsonValue configuration = new JsonValue(definition.fields());
        return send(
                        connection,
                        createOperation(definition),
                        createRequest(definition.ref(), configuration),
                        Failure.UNAVAILABLE)
                .map(ConsumerInfo::of);
    }

    /**
     * Creates the consumer, or updates it to {@code configuration}. Fails {@code OUTCOME_UNKNOWN} without an answer.
     */
    public Uni<ConsumerInfo> declareConsumer(ConsumerDefinition definition, Map<String, JsonValue> configuration) {
        return change(createOperation(definition), createRequest(definition.ref(), new JsonValue(configuration)))
                .map(ConsumerInfo::of);
    }

    /** Deletes the consumer. Fails {@code OUTCOME_UNKNOWN} without an answer. */
    public Uni<Void> deleteConsumer(ConsumerRef ref) {
        return Uni.createFrom().deferred(() -> deleteConsumer(link.connection(), ref));
    }

    /** As {@link #deleteConsumer(ConsumerRef)}. */
    public Uni<Void> deleteConsumer(Connection connection, ConsumerRef ref) {
        return send(connection, "CONSUMER.DELETE." + ref.address(), "", Failure.OUTCOME_UNKNOWN)
                .replaceWithVoid();
    }

    /**
     * Returns the last message on {@code subject}, from any replica of the stream (direct get, ADR-31). A message that was
     * published with a status line is returned as the status that jnats takes it for.
     */
    public Uni<Optional<Message>> lastMessage(String stream, String subject) {
        String operation = "DIRECT.GET." + stream + "." + subject;
        return Uni.createFrom()
                .deferred(() -> reply(link.connection(), operation, "", Failure.UNAVAILABLE))
                .map(reply -> {
                    if (!reply.isStatusMessage() || isStored(reply)) {
                        return Optional.of(reply);
                    }
                    if (reply.getStatus().getCode() == NO_MESSAGE) {
                        return Optional.empty();
                    }
                    throw Failure.UNAVAILABLE.because("The stream " + stream + " could not be read");
                });
    }

    private static boolean isStored(Message reply) {
        return reply.hasHeaders() && reply.getHeaders().containsKey(STORED_SEQUENCE);
    }

    /** Returns the subject of {@code CONSUMER.INFO}. */
    public String infoSubject(ConsumerRef ref) {
        return prefix + ".CONSUMER.INFO." + ref.address();
    }

    /** Returns the subject to which pulls are published. */
    public String pullSubject(ConsumerRef ref) {
        return prefix + ".CONSUMER.MSG.NEXT." + ref.address();
    }

    /**
     * Sends a request that changes nothing.
     *
     * @param operation for example {@code STREAM.INFO.ORDERS}
     * @param body JSON, or empty
     */
    public Uni<JsonValue> ask(String operation, String body) {
        return Uni.createFrom().deferred(() -> send(link.connection(), operation, body, Failure.UNAVAILABLE));
    }

    /**
     * As {@link #ask}, for a request that changes something. Fails {@code OUTCOME_UNKNOWN} without an answer in time.
     */
    public Uni<JsonValue> change(String operation, String body) {
        return Uni.createFrom().deferred(() -> send(link.connection(), operation, body, Failure.OUTCOME_UNKNOWN));
    }

    private Uni<JsonValue> send(Connection connection, String operation, String body, Failure late) {
        return reply(connection, operation, body, late).map(reply -> read(operation, reply));
    }

    private Uni<Message> reply(Connection connection, String operation, String body, Failure late) {
        return Uni.createFrom()
                .completionStage(() -> request(connection, operation, body))
                .onFailure(failure -> !(failure instanceof SluiceException))
                .transform(failure -> noReply(operation, isLate(failure) ? late : Failure.UNAVAILABLE, failure));
    }

    private CompletionStage<Message> request(Connection connection, String operation, String body) {
        return link.request(connection, prefix + "." + operation, body.getBytes(StandardCharsets.UTF_8), timeout);
    }

    private static String createOperation(ConsumerDefinition definition) {
        List<String> filters = definition.filterSubjects();
        String filter = filters.size() == 1 ? "." + filters.get(0) : "";
        return "CONSUMER.CREATE." + definition.ref().address() + filter;
    }

    private static String createRequest(ConsumerRef ref, JsonValue configuration) {
        return new JsonValue(Map.of("stream_name", new JsonValue(ref.stream()), "config", configuration)).toJson();
    }

    private static SluiceException noReply(String operation, Failure kind, Throwable cause) {
        String consequence = kind == Failure.OUTCOME_UNKNOWN ? "; whether it was done is not known" : "";
        return kind.because("JetStream did not answer " + operation + consequence, cause);
    }

    /** jnats cancels a request that times out. */
    private static boolean isLate(Throwable failure) {
        return failure instanceof TimeoutException || failure instanceof CancellationException;
    }

    /**
     * Reads the answer to {@code operation}.
     *
     * @throws SluiceException if the server refused the request
     */
    public static JsonValue read(String operation, Message reply) {
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
