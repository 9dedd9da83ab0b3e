package dev.sluice.stream.catalog;

import static io.nats.client.support.JsonValueUtils.readDate;
import static io.nats.client.support.JsonValueUtils.readLong;
import static io.nats.client.support.JsonValueUtils.readNanos;
import static io.nats.client.support.JsonValueUtils.readObject;
import static io.nats.client.support.JsonValueUtils.readString;
import static io.nats.client.support.JsonValueUtils.readStringList;

import dev.sluice.nats.Subject;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A stream as it is set up and what it holds.
 *
 * @param origins the streams that it mirrors or copies from
 */
public record StreamDetails(
        String name,
        List<String> subjects,
        List<String> origins,
        @Nullable Instant created,
        Limits limits,
        State state) {

    /** What the stream keeps, how, and for how long. Null is without limit. */
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

    /** What the stream holds. The times are null while it is empty. */
    public record State(
            long messages,
            long bytes,
            long firstSequence,
            @Nullable Instant firstTime,
            long lastSequence,
            @Nullable Instant lastTime,
            long consumers) {}

    /** Whether the stream belongs to NATS, or to something built on it: buckets, object stores, advisories. */
    public boolean reserved() {
        return Stream.concat(Stream.of(name), origins.stream()).anyMatch(StreamDetails::reservedName)
                || subjects.stream().anyMatch(Subject::reserved);
    }

    /** Whether a stream of this name is reserved, whatever it stores (ADR-8, ADR-20). */
    static boolean reservedName(String name) {
        return name.startsWith("KV_") || name.startsWith("OBJ_") || name.startsWith("$");
    }

    static StreamDetails of(JsonValue answer) {
        JsonValue config = readObject(answer, "config");
        return new StreamDetails(
                readString(config, "name", ""),
                List.copyOf(readStringList(config, "subjects")),
                origins(config),
                instant(readDate(answer, "created")),
                new Limits(
                        readString(config, "retention", ""),
                        readString(config, "discard", ""),
                        readString(config, "storage", ""),
                        readLong(config, "num_replicas", 1),
                        duration(readNanos(config, "max_age")),
                        limit(config, "max_bytes"),
                        limit(config, "max_msgs"),
                        limit(config, "max_msgs_per_subject"),
                        limit(config, "max_msg_size"),
                        limit(config, "max_consumers"),
                        duration(readNanos(config, "duplicate_window"))),
                state(readObject(answer, "state")));
    }

    private static State state(JsonValue state) {
        boolean empty = readLong(state, "messages", 0) == 0;
        return new State(
                readLong(state, "messages", 0),
                readLong(state, "bytes", 0),
                readLong(state, "first_seq", 0),
                empty ? null : instant(readDate(state, "first_ts")),
                readLong(state, "last_seq", 0),
                empty ? null : instant(readDate(state, "last_ts")),
                readLong(state, "consumer_count", 0));
    }

    private static List<String> origins(JsonValue config) {
        List<JsonValue> sources = JsonValueUtils.readArray(config, "sources");
        return Stream.concat(Stream.of(readObject(config, "mirror")), sources.stream())
                .map(origin -> readString(origin, "name"))
                .filter(Objects::nonNull)
                .toList();
    }

    private static @Nullable Long limit(JsonValue config, String name) {
        long value = readLong(config, name, 0);
        return value <= 0 ? null : value;
    }

    static @Nullable Duration duration(@Nullable Duration value) {
        return value == null || value.isZero() ? null : value;
    }

    static @Nullable Instant instant(@Nullable ZonedDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
