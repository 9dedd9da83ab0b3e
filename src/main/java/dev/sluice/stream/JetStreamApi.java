package dev.sluice.stream;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A non-blocking client of the JetStream API. Requests are sent on subscription. The management calls of jnats block,
 * and its contexts cache the version of a server that may have been replaced since. Answers arrive on a thread of the
 * connection, timeouts on the event thread of the link. Typed answers keep fields that this client does not know, so
 * that updates can send them back.
 *
 * <p>All requests fail as {@link JetStreamErrors} maps the server's error code; with {@code FORBIDDEN} at once if the
 * server denies the request to Sluice's own user. If JetStream does not answer in time, for example during the election
 * of a leader, they fail without an error code: with {@code OUTCOME_UNKNOWN} if they change something, else with
 * {@code UNAVAILABLE}.
 */
public final class JetStreamApi {
    /** Subject prefix of the API, unless it belongs to a JetStream domain or is imported under another prefix. */
    public static final String DEFAULT_PREFIX = "$JS.API";

    private static final String DIRECT_GET = "DIRECT.GET.";
    private static final String CONSUMER_INFO = "CONSUMER.INFO.";
    private static final int NO_MESSAGE = 404;
    /** Maximum number of attempts to declare a stream that others declare at the same time. */
    private static final int DECLARE_ROUNDS = 4;

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

    /** Returns the API level of the server (ADR-44), 0 before nats-server 2.11. */
    public Uni<Long> apiLevel() {
        return ask("INFO")
                .map(account -> JsonValueUtils.readLong(JsonValueUtils.readObject(account, "api"), "level", 0));
    }

    /**
     * Returns whether the connected server has this version or a newer one. Never blocks.
     *
     * @throws SluiceException {@code UNAVAILABLE} while NATS is unreachable
     */
    public boolean serverSince(String version) {
        return link.connection().getServerInfo().isSameOrNewerThanVersion(version);
    }

    public Uni<StreamInfo> streamInfo(String stream) {
        return ask("STREAM.INFO." + stream).map(StreamInfo::of);
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
                        throw Failure.NO_STREAM
                                .because("No stream stores the subject " + subject)
                                .onSubject(subject);
                    }
                    return names.get(0);
                })
                .chain(this::streamInfo);
    }

    /** As {@link #streamNames(String)}. */
    public Uni<List<String>> streamNames(Connection connection, String subject) {
        return send(connection, "STREAM.NAMES", Map.of("subject", new JsonValue(subject)), Failure.UNAVAILABLE)
                .map(answer -> JsonValueUtils.readStringList(answer, "streams"));
    }

    /**
     * Returns a page of the streams with a subject that matches {@code subject}. {@code offset} counts all of them.
     */
    public Uni<ListPage<StreamInfo>> streams(String subject, int offset) {
        return list(
                "STREAM.LIST",
                "streams",
                Map.of("subject", new JsonValue(subject)),
                offset,
                StreamInfo::of,
                StreamInfo::name);
    }

    /** Returns a page of all streams. */
    public Uni<ListPage<StreamInfo>> streams(int offset) {
        return list("STREAM.LIST", "streams", Map.of(), offset, StreamInfo::of, StreamInfo::name);
    }

    /** Returns a page of the consumers of {@code stream}. */
    public Uni<ListPage<ConsumerInfo>> consumers(String stream, int offset) {
        return list("CONSUMER.LIST." + stream, "consumers", Map.of(), offset, ConsumerInfo::of, ConsumerInfo::name);
    }

    private <T> Uni<ListPage<T>> list(
            String operation,
            String what,
            Map<String, JsonValue> selected,
            int offset,
            Function<JsonValue, T> read,
            Function<T, String> name) {
        Map<String, JsonValue> request = new HashMap<>(selected);
        request.put("offset", new JsonValue(offset));
        Duration longer = timeout.compareTo(LISTING) < 0 ? LISTING : timeout;
        return new JetStreamApi(link, prefix, longer)
                .ask(operation, request)
                .map(answer -> JetStreamJson.page(answer, what, offset, read, name));
    }

    public Uni<StreamInfo> createStream(String stream, Map<String, JsonValue> configuration) {
        return change("STREAM.CREATE." + stream, configuration).map(StreamInfo::of);
    }

    public Uni<StreamInfo> updateStream(String stream, Map<String, JsonValue> configuration) {
        return change("STREAM.UPDATE." + stream, configuration).map(StreamInfo::of);
    }

    /**
     * Updates a stream. Fails {@code CONFLICT} if the server does not permit the change, {@code INVALID} if it would not
     * permit a new stream with this configuration either. It has one error code for both. The creation of a stream that
     * exists tells them apart: the server checks the configuration first, and changes nothing.
     */
    public Uni<StreamInfo> changeStream(String stream, Map<String, JsonValue> configuration) {
        Map<String, JsonValue> initial = new HashMap<>(configuration);
        initial.remove("sealed");
        return updateStream(stream, configuration)
                .onFailure(JetStreamApi::isInvalidConfiguration)
                .recoverWithUni(refusal -> createStream(stream, initial)
                        .onFailure(second -> !isInvalidConfiguration(second))
                        .transform(second -> Failure.CONFLICT.because(
                                String.valueOf(refusal.getMessage()), JetStreamErrors.STREAM_INVALID_CONFIG)));
    }

    private static boolean isInvalidConfiguration(Throwable refusal) {
        return JetStreamErrors.hasCode(refusal, JetStreamErrors.STREAM_INVALID_CONFIG);
    }

    /**
     * Creates the stream, or changes an existing one. Fails as {@link #changeStream(String, Map)}.
     *
     * @param initial configuration of a new stream
     * @param changed returns the configuration that replaces that of an existing stream, an equal one to leave it as it
     *     is; throws if the stream must not be changed
     */
    public Uni<Declared<StreamInfo>> declareStream(
            String stream, Map<String, JsonValue> initial, Function<StreamInfo, Map<String, JsonValue>> changed) {
        return declareStream(stream, initial, changed, DECLARE_ROUNDS);
    }

    /** @param rounds attempts that are left if another client creates the stream after this one has not found it */
    private Uni<Declared<StreamInfo>> declareStream(
            String stream,
            Map<String, JsonValue> initial,
            Function<StreamInfo, Map<String, JsonValue>> changed,
            int rounds) {
        return streamInfo(stream)
                .chain(before -> changeStream(before, changed.apply(before)))
                .map(after -> new Declared<>(after, false))
                .onFailure(Failure.NO_STREAM::matches)
                .recoverWithUni(() -> createStream(stream, initial)
                        .map(made -> new Declared<>(made, true))
                        .onFailure(refusal ->
                                rounds > 1 && JetStreamErrors.hasCode(refusal, JetStreamErrors.STREAM_NAME_EXIST))
                        .recoverWithUni(() -> declareStream(stream, initial, changed, rounds - 1)));
    }

    private Uni<StreamInfo> changeStream(StreamInfo before, Map<String, JsonValue> configuration) {
        return configuration.equals(before.configuration())
                ? Uni.createFrom().item(before)
                : changeStream(before.name(), configuration);
    }

    /** Deletes the stream with its messages and consumers. */
    public Uni<Void> deleteStream(String stream) {
        return change("STREAM.DELETE." + stream, Map.of()).replaceWithVoid();
    }

    /** Removes the messages that {@code selected} selects, and returns their number. */
    public Uni<Long> purge(String stream, Purge selected) {
        return purge(stream, selected.fields());
    }

    /** Removes the messages on {@code subject}, which may be reserved or a pattern, and returns their number. */
    public Uni<Long> purge(String stream, String subject) {
        return purge(stream, Map.of("filter", new JsonValue(subject)));
    }

    private Uni<Long> purge(String stream, Map<String, JsonValue> selected) {
        return change("STREAM.PURGE." + stream, selected).map(answer -> JsonValueUtils.readLong(answer, "purged", 0));
    }

    /** Returns the number of messages on {@code subject}. */
    public Uni<Long> messageCount(String stream, String subject) {
        return ask("STREAM.INFO." + stream, Map.of("subjects_filter", new JsonValue(subject)))
                .map(answer -> {
                    JsonValue state = JsonValueUtils.readObject(answer, "state");
                    return JsonValueUtils.readLong(JsonValueUtils.readObject(state, "subjects"), subject, 0);
                });
    }

    /** Reads the message from the leader of the stream. */
    public Uni<StoredMessage> message(String stream, long sequence) {
        return message(stream, Map.of("seq", new JsonValue(sequence)));
    }

    /** Reads the first message at or after {@code sequence} whose subject matches {@code pattern}, from the leader. */
    public Uni<StoredMessage> nextMessage(String stream, long sequence, String pattern) {
        return message(stream, Map.of("seq", new JsonValue(sequence), "next_by_subj", new JsonValue(pattern)));
    }

    /** Reads the last message on {@code subject}, from the leader. */
    public Uni<StoredMessage> lastMessage(String stream, String subject) {
        return message(stream, Map.of("last_by_subj", new JsonValue(subject)));
    }

    private Uni<StoredMessage> message(String stream, Map<String, JsonValue> selected) {
        return ask("STREAM.MSG.GET." + stream, selected).map(StoredMessage::of);
    }

    /** Returns the last message on {@code subject}, from any replica of the stream (direct get, ADR-31). */
    public Uni<Optional<Message>> directLastMessage(String stream, String subject) {
        String operation = DIRECT_GET + stream + "." + subject;
        return Uni.createFrom()
                .deferred(() -> reply(link.connection(), operation, Map.of(), Failure.UNAVAILABLE))
                .map(reply -> {
                    if (!reply.isStatusMessage()) {
                        return Optional.of(reply);
                    }
                    if (reply.getStatus().getCode() == NO_MESSAGE) {
                        return Optional.empty();
                    }
                    throw Failure.UNAVAILABLE.because("The stream " + stream + " could not be read");
                });
    }

    /** Deletes the message without overwriting its data. Fails {@code NO_MESSAGE} if there is none. */
    public Uni<Void> deleteMessage(String stream, long sequence) {
        return change("STREAM.MSG.DELETE." + stream, Map.of("seq", new JsonValue(sequence), "no_erase", JsonValue.TRUE))
                .replaceWithVoid();
    }

    public Uni<ConsumerInfo> consumerInfo(ConsumerRef ref) {
        return Uni.createFrom().deferred(() -> consumerInfo(link.connection(), ref));
    }

    public Uni<ConsumerInfo> consumerInfo(Connection connection, ConsumerRef ref) {
        return send(connection, CONSUMER_INFO + ref.address(), Map.of(), Failure.UNAVAILABLE)
                .map(ConsumerInfo::of);
    }

    /**
     * Requests the info of the consumer, for a caller that must receive the answer in order with the messages of one of
     * its own dispatchers. {@link #answeredConsumerInfo} reads the answer.
     *
     * @param replyTo subject that the caller has subscribed to
     * @throws IllegalStateException if the connection is closed or its buffer is full
     */
    public void askConsumerInfo(Connection connection, ConsumerRef ref, String replyTo) {
        connection.publish(infoSubject(ref), replyTo, null);
    }

    /**
     * Reads the answer to {@link #askConsumerInfo}.
     *
     * @throws SluiceException if the server refused the request
     */
    public static ConsumerInfo answeredConsumerInfo(ConsumerRef ref, Message answer) {
        return ConsumerInfo.of(JetStreamJson.read(CONSUMER_INFO + ref.address(), answer));
    }

    /**
     * Creates the consumer. An existing consumer with the same configuration is left as it is, so the request can be
     * repeated: it fails {@code UNAVAILABLE} without an answer.
     */
    public Uni<ConsumerInfo> createConsumer(Connection connection, ConsumerDefinition definition) {
        Map<String, JsonValue> configuration = definition.fields();
        return send(
                        connection,
                        createOperation(definition.ref(), configuration),
                        createRequest(definition.ref(), configuration),
                        Failure.UNAVAILABLE)
                .map(ConsumerInfo::of);
    }

    /** Creates the consumer, or updates it to {@code configuration}. */
    public Uni<ConsumerInfo> declareConsumer(ConsumerRef ref, Map<String, JsonValue> configuration) {
        return change(createOperation(ref, configuration), createRequest(ref, configuration))
                .map(ConsumerInfo::of);
    }

    public Uni<Void> deleteConsumer(ConsumerRef ref) {
        return Uni.createFrom().deferred(() -> deleteConsumer(link.connection(), ref));
    }

    public Uni<Void> deleteConsumer(Connection connection, ConsumerRef ref) {
        return send(connection, "CONSUMER.DELETE." + ref.address(), Map.of(), Failure.OUTCOME_UNKNOWN)
                .replaceWithVoid();
    }

    /** Stops the deliveries of the consumer until {@code until}; empty ends a pause. */
    public Uni<ConsumerPause> pauseConsumer(ConsumerRef ref, Optional<Instant> until) {
        Map<String, JsonValue> request = until.map(end -> Map.of("pause_until", new JsonValue(end.toString())))
                .orElse(Map.of());
        return change("CONSUMER.PAUSE." + ref.address(), request).map(ConsumerPause::of);
    }

    /**
     * Starts the consumer again at a sequence. All deliveries that are not settled are forgotten.
     *
     * @param sequence first sequence to deliver; empty for the first one that is not settled
     */
    public Uni<ConsumerInfo> resetConsumer(ConsumerRef ref, OptionalLong sequence) {
        Map<String, JsonValue> request =
                sequence.isPresent() ? Map.of("seq", new JsonValue(sequence.getAsLong())) : Map.of();
        return change("CONSUMER.RESET." + ref.address(), request).map(ConsumerInfo::of);
    }

    /**
     * Returns {@code subject}, of a key of a bucket, as it is published: with the prefix, which NATS removes, if the
     * bucket is in another domain or account.
     */
    public String keySubject(String subject) {
        return elsewhere() ? prefix + "." + subject : subject;
    }

    /** Returns the subject under which a message that is published to {@code subject} is stored, see {@link #keySubject}. */
    public String storedSubject(String subject) {
        return elsewhere() && subject.startsWith(prefix + ".") ? subject.substring(prefix.length() + 1) : subject;
    }

    /** Returns whether JetStream is in another domain or account: the connected server does not tell its version then. */
    public boolean elsewhere() {
        return !prefix.equals(DEFAULT_PREFIX);
    }

    /** Returns the subject of direct gets from {@code stream} (ADR-31). */
    public String directGetSubject(String stream) {
        return prefix + "." + DIRECT_GET + stream;
    }

    /** Returns the subject of {@code CONSUMER.INFO}. */
    public String infoSubject(ConsumerRef ref) {
        return prefix + "." + CONSUMER_INFO + ref.address();
    }

    /** Returns the subject to which pulls are published. */
    public String pullSubject(ConsumerRef ref) {
        return prefix + ".CONSUMER.MSG.NEXT." + ref.address();
    }

    private Uni<JsonValue> ask(String operation) {
        return ask(operation, Map.of());
    }

    private Uni<JsonValue> ask(String operation, Map<String, JsonValue> request) {
        return Uni.createFrom().deferred(() -> send(link.connection(), operation, request, Failure.UNAVAILABLE));
    }

    private Uni<JsonValue> change(String operation, Map<String, JsonValue> request) {
        return Uni.createFrom().deferred(() -> send(link.connection(), operation, request, Failure.OUTCOME_UNKNOWN));
    }

    /**
     * @param operation for example {@code STREAM.INFO.ORDERS}
     * @param late failure without an answer in time
     */
    private Uni<JsonValue> send(Connection connection, String operation, Map<String, JsonValue> request, Failure late) {
        return reply(connection, operation, request, late).map(reply -> JetStreamJson.read(operation, reply));
    }

    private Uni<Message> reply(Connection connection, String operation, Map<String, JsonValue> request, Failure late) {
        String body = request.isEmpty() ? "" : new JsonValue(request).toJson();
        return Uni.createFrom()
                .completionStage(() -> request(connection, operation, body))
                .onFailure(failure -> !(failure instanceof SluiceException))
                .transform(failure ->
                        noReply(operation, failure instanceof TimeoutException ? late : Failure.UNAVAILABLE, failure));
    }

    private CompletionStage<Message> request(Connection connection, String operation, String body) {
        return link.requests()
                .send(connection, prefix + "." + operation, body.getBytes(StandardCharsets.UTF_8), timeout);
    }

    private static String createOperation(ConsumerRef ref, Map<String, JsonValue> configuration) {
        String filter = JsonValueUtils.readString(new JsonValue(configuration), "filter_subject", "");
        return "CONSUMER.CREATE." + ref.address() + (filter.isEmpty() ? "" : "." + filter);
    }

    private static Map<String, JsonValue> createRequest(ConsumerRef ref, Map<String, JsonValue> configuration) {
        return Map.of("stream_name", new JsonValue(ref.stream()), "config", new JsonValue(configuration));
    }

    private static SluiceException noReply(String operation, Failure kind, Throwable cause) {
        String consequence = kind == Failure.OUTCOME_UNKNOWN ? "; whether it was done is not known" : "";
        return kind.because("JetStream did not answer " + operation + consequence, cause);
    }
}
