package dev.sluice.stream;

import static io.nats.client.support.JsonValueUtils.readArray;
import static io.nats.client.support.JsonValueUtils.readBoolean;
import static io.nats.client.support.JsonValueUtils.readDate;
import static io.nats.client.support.JsonValueUtils.readLong;
import static io.nats.client.support.JsonValueUtils.readNanos;
import static io.nats.client.support.JsonValueUtils.readObject;
import static io.nats.client.support.JsonValueUtils.readString;
import static io.nats.client.support.JsonValueUtils.readStringList;

import dev.sluice.failure.Failure;
import dev.sluice.nats.Subject;
import dev.sluice.nats.SubjectPattern;
import io.nats.client.support.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The configuration and state of a stream, as the server reports them.
 *
 * @param time the server's time of the answer; this instance's time if the server is older than 2.10 and does not report it
 * @param origins names of the streams that it mirrors or sources
 * @param transformed whether it stores messages under transformed subjects
 * @param direct whether each of its servers answers direct gets (ADR-31)
 * @param batched whether it accepts fast-ingest batches; false on servers without support
 * @param atomic whether it accepts atomic batches; false on servers without support
 * @param schedules whether it accepts messages that are schedules (ADR-51); false on servers without support
 * @param maxInactiveThreshold maximum inactive threshold of its consumers; zero for no limit
 * @param silences for each follower, the time since the leader last heard from it
 * @param configuration the complete configuration, including fields that Sluice does not know
 */
public record StreamInfo(
        String name,
        List<String> subjects,
        List<String> origins,
        @Nullable Instant created,
        Instant time,
        Limits limits,
        boolean transformed,
        boolean direct,
        boolean batched,
        boolean atomic,
        boolean schedules,
        Duration maxInactiveThreshold,
        List<Duration> silences,
        Map<String, JsonValue> configuration,
        State state) {
    /**
     * Maximum silence of a follower. Followers answer each heartbeat of the leader, once per second, and elect another
     * leader only after four seconds without one.
     */
    private static final Duration MAX_SILENCE = Duration.ofSeconds(3);

    /** The retention, storage and limits of a stream. Null means no limit. */
    public record Limits(
            String retention,
            String discard,
            String storage,
            long replicas,
            @Nullable Duration maxAge,
            @Nullable Long maxBytes,
            @Nullable Long maxMessages,
            @Nullable Long maxMessagesPerSubject,
            @Nullable Long maxMessageSize,
            @Nullable Long maxConsumers,
            @Nullable Duration duplicateWindow) {}

    /**
     * The state of a stream.
     *
     * @param firstTime null while it is empty
     * @param lastTime time of the last message ever stored, even if it was removed since; null if there was none
     * @param subjects number of distinct subjects of the stored messages
     */
    public record State(
            long messages,
            long subjects,
            long bytes,
            long firstSequence,
            @Nullable Instant firstTime,
            long lastSequence,
            @Nullable Instant lastTime,
            long consumers) {

        public boolean empty() {
            return messages == 0;
        }
    }

    /** Returns whether the stream never changes again. */
    public boolean sealed() {
        return readBoolean(new JsonValue(configuration), "sealed");
    }

    /** Returns whether the stream belongs to NATS or to a feature built on it: buckets, object stores, advisories. */
    public boolean reserved() {
        return Stream.concat(Stream.of(name), origins.stream()).anyMatch(StreamInfo::reservedName)
                || subjects.stream().anyMatch(Subject::reserved);
    }

    /** Returns whether the name alone makes a stream reserved (ADR-8, ADR-20). */
    public static boolean reservedName(String name) {
        return name.startsWith("KV_") || name.startsWith("OBJ_") || name.startsWith("$");
    }

    /**
     * Requires that the stream stores {@code subject}.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} if it does not
     */
    public void requireStored(String subject) {
        for (String pattern : subjects) {
            if (SubjectPattern.covers(pattern, subject)) {
                return;
            }
        }
        throw Failure.INVALID.because("The stream " + name + " does not store the subject " + subject);
    }

    /**
     * Requires that the leader has recently heard from a majority. A leader that is separated from the others does not know
     * for some seconds that another one has replaced it, and answers from its old state.
     *
     * @throws dev.sluice.failure.SluiceException {@code UNAVAILABLE} if it has not
     */
    public void requireMajority() {
        long silent = silences.stream()
                .filter(silence -> silence.compareTo(MAX_SILENCE) > 0)
                .count();
        if (2 * silent > silences.size()) {
            throw Failure.UNAVAILABLE.because("The stream's leader does not hear from its followers");
        }
    }

    /** Reads the answer to {@code STREAM.INFO}, {@code STREAM.CREATE} or {@code STREAM.UPDATE}. */
    public static StreamInfo of(JsonValue answer) {
        JsonValue config = JetStreamJson.member(answer, "config");
        JsonValue state = JetStreamJson.member(answer, "state");
        if (config == null || config.map == null || state == null) {
            throw Failure.UNAVAILABLE.because("JetStream described a stream without its configuration or state");
        }
        return new StreamInfo(
                readString(config, "name", ""),
                List.copyOf(readStringList(config, "subjects")),
                origins(config),
                instant(readDate(answer, "created")),
                Objects.requireNonNullElseGet(instant(readDate(answer, "ts")), Instant::now),
                new Limits(
                        readString(config, "retention", ""),
                        readString(config, "discard", ""),
                        readString(config, "storage", ""),
                        readLong(config, "num_replicas", 1),
                        positive(readNanos(config, "max_age")),
                        positive(config, "max_bytes"),
                        positive(config, "max_msgs"),
                        positive(config, "max_msgs_per_subject"),
                        positive(config, "max_msg_size"),
                        positive(config, "max_consumers"),
                        positive(readNanos(config, "duplicate_window"))),
                config.map.containsKey("subject_transform"),
                readBoolean(config, "allow_direct"),
                readBoolean(config, "allow_batched"),
                readBoolean(config, "allow_atomic"),
                readBoolean(config, "allow_msg_schedules"),
                readNanos(readObject(config, "consumer_limits"), "inactive_threshold", Duration.ZERO),
                readArray(readObject(answer, "cluster"), "replicas").stream()
                        .map(follower -> readNanos(follower, "active", Duration.ZERO))
                        .toList(),
                config.map,
                state(state));
    }

    private static State state(JsonValue state) {
        long messages = readLong(state, "messages", 0);
        long last = readLong(state, "last_seq", 0);
        return new State(
                messages,
                readLong(state, "num_subjects", 0),
                readLong(state, "bytes", 0),
                readLong(state, "first_seq", 0),
                messages == 0 ? null : instant(readDate(state, "first_ts")),
                last,
                last == 0 ? null : instant(readDate(state, "last_ts")),
                readLong(state, "consumer_count", 0));
    }

    private static List<String> origins(JsonValue config) {
        return Stream.concat(Stream.of(readObject(config, "mirror")), readArray(config, "sources").stream())
                .map(origin -> readString(origin, "name"))
                .filter(Objects::nonNull)
                .toList();
    }

    private static @Nullable Long positive(JsonValue config, String name) {
        long value = readLong(config, name, 0);
        return value <= 0 ? null : value;
    }

    private static @Nullable Duration positive(@Nullable Duration value) {
        return value == null || value.isZero() ? null : value;
    }

    private static @Nullable Instant instant(@Nullable ZonedDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
