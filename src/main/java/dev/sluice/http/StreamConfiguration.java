package dev.sluice.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import dev.sluice.failure.Failure;
import dev.sluice.nats.Subject;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.StreamDefinition;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a stream in JSON. A client can read it, change a field and send it back: both directions have the
 * same names. A field that is absent has its default.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonNaming(SnakeCaseStrategy.class)
public record StreamConfiguration(
        @Size(max = 4096) @Nullable String description,
        @Size(max = MOST_SUBJECTS) @Nullable List<@NotNull String> subjects,

        @Pattern(regexp = "limits|interest|workqueue") @Nullable
        String retention,

        @Pattern(regexp = "file|memory") @Nullable String storage,
        @Min(1) @Max(5) @Nullable Integer replicas,
        @Pattern(regexp = "old|new") @Nullable String discard,
        @Nullable Boolean discardNewPerSubject,

        @JsonDeserialize(using = DurationText.Reader.class) @JsonSerialize(using = DurationText.Writer.class) @Nullable
        Duration maxAge,

        @Min(1) @Nullable Long maxBytes,
        @Min(1) @Nullable Long maxMessages,
        @Min(1) @Nullable Long maxMessagesPerSubject,
        @Min(1) @Max(Integer.MAX_VALUE) @Nullable Long maxMessageSize,
        @Min(1) @Max(Integer.MAX_VALUE) @Nullable Long maxConsumers,

        @JsonDeserialize(using = DurationText.Reader.class) @JsonSerialize(using = DurationText.Writer.class) @Nullable
        Duration duplicateWindow,

        @Pattern(regexp = "none|s2") @Nullable String compression,
        @Nullable Boolean allowDirect,
        @Nullable Boolean allowRollup,
        @Nullable Boolean denyDelete,
        @Nullable Boolean denyPurge,
        @Nullable Boolean allowMessageTtl,

        @JsonDeserialize(using = DurationText.Reader.class) @JsonSerialize(using = DurationText.Writer.class) @Nullable
        Duration markerTtl,

        @Nullable Boolean allowAtomic,
        @Nullable Boolean allowBatched,
        @Nullable Boolean allowSchedules,
        @Valid @Nullable Origin mirror,
        @Size(max = MOST_SUBJECTS) @Nullable List<@Valid @NotNull Origin> sources,
        @Valid @Nullable Republish republish,
        @Valid @Nullable Transform subjectTransform,
        @Size(max = MOST_SUBJECTS) @Nullable Map<@NotNull String, @NotNull String> metadata) {
    private static final int MOST_SUBJECTS = 256;
    private static final String RESERVED_METADATA = "_nats.";

    /** A stream from which messages are copied. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonNaming(SnakeCaseStrategy.class)
    public record Origin(
            @NotNull String name,
            @Nullable String filterSubject,
            @Min(1) @Nullable Long startSeq,
            @Nullable Instant startTime,
            @Size(max = MOST_SUBJECTS) @Nullable List<@Valid @NotNull Transform> subjectTransforms) {

        private static Origin read(JsonValue origin) {
            ZonedDateTime start = JsonValueUtils.readDate(origin, "opt_start_time");
            return new Origin(
                    JsonValueUtils.readString(origin, "name", ""),
                    JsonValueUtils.readString(origin, "filter_subject"),
                    positive(origin, "opt_start_seq"),
                    start == null ? null : start.toInstant(),
                    JsonValueUtils.readArray(origin, "subject_transforms").stream()
                            .map(Transform::read)
                            .toList());
        }

        private JsonValue write() {
            Fields fields = new Fields()
                    .put("name", new JsonValue(name))
                    .number("opt_start_seq", startSeq)
                    .text("filter_subject", filterSubject == null ? null : new SubjectPattern(filterSubject).value());
            if (startTime != null) {
                fields.text(
                        "opt_start_time",
                        NatsTime.checked(startTime, "start_time").toString());
            }
            if (subjectTransforms != null && !subjectTransforms.isEmpty()) {
                fields.put(
                        "subject_transforms",
                        new JsonValue(
                                subjectTransforms.stream().map(Transform::write).toList()));
            }
            return fields.value();
        }
    }

    /** A mapping of subjects. The destination can refer to wildcards of the source: <code>{{wildcard(1)}}</code>. */
    public record Transform(
            @Nullable String source, @NotNull @Size(min = 1) String destination) {
        private static Transform read(JsonValue transform) {
            return new Transform(
                    JsonValueUtils.readString(transform, "src"), JsonValueUtils.readString(transform, "dest", ""));
        }

        private JsonValue write() {
            return new Fields()
                    .text("src", source == null ? null : new SubjectPattern(source).value())
                    .text("dest", open(destination))
                    .value();
        }
    }

    /** A copy of each stored message on another subject of core NATS. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonNaming(SnakeCaseStrategy.class)
    public record Republish(
            @Nullable String source,
            @NotNull @Size(min = 1) String destination,
            @Nullable Boolean headersOnly) {

        private static Republish read(JsonValue republish) {
            return new Republish(
                    JsonValueUtils.readString(republish, "src"),
                    JsonValueUtils.readString(republish, "dest", ""),
                    flag(republish, "headers_only"));
        }

        private JsonValue write() {
            return new Fields()
                    .text("src", source == null ? null : new SubjectPattern(source).value())
                    .text("dest", new SubjectPattern(destination).value())
                    .flag("headers_only", headersOnly)
                    .value();
        }
    }

    /** Returns what a server reports, without fields that have their default. */
    static StreamConfiguration of(Map<String, JsonValue> fields) {
        JsonValue config = new JsonValue(fields);
        JsonValue mirror = JetStreamApi.member(config, "mirror");
        JsonValue republish = JetStreamApi.member(config, "republish");
        JsonValue transform = JetStreamApi.member(config, "subject_transform");
        return new StreamConfiguration(
                JsonValueUtils.readString(config, "description"),
                JsonValueUtils.readStringList(config, "subjects"),
                JsonValueUtils.readString(config, "retention"),
                JsonValueUtils.readString(config, "storage"),
                JsonValueUtils.readInteger(config, "num_replicas"),
                JsonValueUtils.readString(config, "discard"),
                flag(config, "discard_new_per_subject"),
                duration(config, "max_age"),
                positive(config, "max_bytes"),
                positive(config, "max_msgs"),
                positive(config, "max_msgs_per_subject"),
                positive(config, "max_msg_size"),
                positive(config, "max_consumers"),
                duration(config, "duplicate_window"),
                JsonValueUtils.readString(config, "compression"),
                flag(config, "allow_direct"),
                flag(config, "allow_rollup_hdrs"),
                flag(config, "deny_delete"),
                flag(config, "deny_purge"),
                flag(config, "allow_msg_ttl"),
                duration(config, "subject_delete_marker_ttl"),
                flag(config, "allow_atomic"),
                flag(config, "allow_batched"),
                flag(config, "allow_msg_schedules"),
                mirror == null ? null : Origin.read(mirror),
                JsonValueUtils.readArray(config, "sources").stream()
                        .map(Origin::read)
                        .toList(),
                republish == null ? null : Republish.read(republish),
                transform == null ? null : Transform.read(transform),
                metadata(config));
    }

    /** Returns the definition of the stream {@code name}. */
    StreamDefinition define(String name) {
        List<String> stored = Objects.requireNonNullElse(subjects, List.of());
        boolean copies = mirror != null
                || !Objects.requireNonNullElse(sources, List.of()).isEmpty();
        if (stored.isEmpty() && !copies) {
            throw Failure.INVALID.because("A stream has subjects, a mirror or sources");
        }
        Fields fields = new Fields()
                .text("description", description)
                .text("retention", retention)
                .text("storage", storage)
                .text("discard", discard)
                .text("compression", "none".equals(compression) ? null : compression)
                .number("num_replicas", replicas == null ? null : replicas.longValue())
                .number("max_bytes", maxBytes)
                .number("max_msgs", maxMessages)
                .number("max_msgs_per_subject", maxMessagesPerSubject)
                .number("max_msg_size", maxMessageSize)
                .number("max_consumers", maxConsumers)
                .duration("max_age", maxAge)
                .duration("duplicate_window", duplicateWindow)
                .duration("subject_delete_marker_ttl", markerTtl)
                .flag("discard_new_per_subject", discardNewPerSubject)
                .flag("allow_direct", allowDirect)
                .flag("allow_rollup_hdrs", allowRollup)
                .flag("deny_delete", denyDelete)
                .flag("deny_purge", denyPurge)
                .flag("allow_msg_ttl", allowMessageTtl)
                .flag("allow_atomic", allowAtomic)
                .flag("allow_batched", allowBatched)
                .flag("allow_msg_schedules", allowSchedules);
        if (!stored.isEmpty()) {
            fields.put(
                    "subjects",
                    new JsonValue(stored.stream()
                            .map(subject -> new JsonValue(new SubjectPattern(subject).value()))
                            .toList()));
        }
        if (mirror != null) {
            fields.put("mirror", mirror.write());
        }
        if (sources != null && !sources.isEmpty()) {
            fields.put(
                    "sources", new JsonValue(sources.stream().map(Origin::write).toList()));
        }
        if (republish != null) {
            fields.put("republish", republish.write());
        }
        if (subjectTransform != null) {
            fields.put("subject_transform", subjectTransform.write());
        }
        if (metadata != null && !metadata.isEmpty()) {
            Fields words = new Fields();
            metadata.forEach((key, value) -> {
                if (key.startsWith(RESERVED_METADATA)) {
                    throw Failure.INVALID.because("Metadata keys that begin with _nats. belong to NATS");
                }
                words.put(key, new JsonValue(value));
            });
            fields.put("metadata", words.value());
        }
        return new StreamDefinition(name, fields.map);
    }

    /** Returns the subjects whose messages the stream takes from publishers. */
    SubjectSet captured() {
        return SubjectSet.of(Stream.ofNullable(subjects)
                .flatMap(List::stream)
                .map(SubjectPattern::new)
                .toList());
    }

    /** Returns the subjects on which the stream may publish. */
    SubjectSet published() {
        return SubjectSet.of(Stream.ofNullable(republish)
                .map(copy -> new SubjectPattern(widest(copy.destination())))
                .toList());
    }

    /** Replaces what follows from the subject of a message, which can become any number of tokens. */
    private static String widest(String destination) {
        String[] tokens = destination.split("\\.", -1);
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i].indexOf('$') >= 0 || tokens[i].contains("{{")) {
                return String.join(".", Arrays.copyOf(tokens, i)) + (i == 0 ? ">" : ".>");
            }
        }
        return destination;
    }

    /** @throws dev.sluice.failure.SluiceException {@code RESERVED_SUBJECT} */
    private static String open(String destination) {
        if (Subject.reserved(destination)) {
            throw Failure.RESERVED_SUBJECT.because("The destination " + destination + " is reserved for NATS");
        }
        return destination;
    }

    private static @Nullable Boolean flag(JsonValue config, String name) {
        return JsonValueUtils.readBoolean(config, name) ? true : null;
    }

    private static @Nullable Long positive(JsonValue config, String name) {
        long value = JsonValueUtils.readLong(config, name, 0);
        return value <= 0 ? null : value;
    }

    private static @Nullable Duration duration(JsonValue config, String name) {
        Duration value = JsonValueUtils.readNanos(config, name);
        return value == null || value.isZero() ? null : value;
    }

    private static Map<String, String> metadata(JsonValue config) {
        Map<String, String> metadata = new TreeMap<>();
        JsonValue known = JetStreamApi.member(config, "metadata");
        if (known != null && known.map != null) {
            known.map.forEach((key, value) -> {
                if (value.string != null && !key.startsWith(RESERVED_METADATA)) {
                    metadata.put(key, value.string);
                }
            });
        }
        return metadata;
    }

    /** The fields of a JSON object. A field without a value is left out. */
    private static final class Fields {
        private final Map<String, JsonValue> map = new HashMap<>();

        private Fields put(String name, JsonValue value) {
            map.put(name, value);
            return this;
        }

        private Fields text(String name, @Nullable String value) {
            return value == null || value.isEmpty() ? this : put(name, new JsonValue(value));
        }

        private Fields number(String name, @Nullable Long value) {
            return value == null ? this : put(name, new JsonValue(value));
        }

        private Fields duration(String name, @Nullable Duration value) {
            return value == null || value.isZero() ? this : put(name, new JsonValue(value.toNanos()));
        }

        private Fields flag(String name, @Nullable Boolean value) {
            return Boolean.TRUE.equals(value) ? put(name, JsonValue.TRUE) : this;
        }

        private JsonValue value() {
            return new JsonValue(map);
        }
    }
}
