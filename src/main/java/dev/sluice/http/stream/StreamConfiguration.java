package dev.sluice.http.stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import dev.sluice.failure.Failure;
import dev.sluice.http.DurationText;
import dev.sluice.http.NatsTime;
import dev.sluice.nats.Subject;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.ConfigurationFields;
import dev.sluice.stream.StreamDefinition;
import dev.sluice.stream.StreamInfo;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
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
        @Size(max = MAX_ENTRIES) @Nullable List<String> subjects,

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
        @Size(max = MAX_ENTRIES) @Nullable List<@Valid Origin> sources,
        @Valid @Nullable Republish republish,
        @Valid @Nullable Transform subjectTransform,
        @Size(max = MAX_ENTRIES) @Nullable Map<@NotNull String, @NotNull String> metadata) {
    private static final int MAX_ENTRIES = 256;
    private static final String RESERVED_METADATA = "_nats.";

    /** A stream from which messages are copied. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonNaming(SnakeCaseStrategy.class)
    public record Origin(
            @NotNull String name,
            @Nullable String filterSubject,
            @Min(1) @Nullable Long startSeq,
            @Nullable Instant startTime,
            @Size(max = MAX_ENTRIES) @Nullable List<@Valid Transform> subjectTransforms) {

        private static Origin read(ConfigurationFields origin) {
            return new Origin(
                    origin.requiredText("name"),
                    origin.text("filter_subject"),
                    origin.number("opt_start_seq"),
                    origin.time("opt_start_time"),
                    origin.objects("subject_transforms").stream()
                            .map(Transform::read)
                            .toList());
        }

        private ConfigurationFields write() {
            return new ConfigurationFields()
                    .text("name", name)
                    .number("opt_start_seq", startSeq)
                    .text("filter_subject", checked(filterSubject))
                    .text(
                            "opt_start_time",
                            startTime == null
                                    ? null
                                    : NatsTime.checked(startTime, "start_time").toString())
                    .objects(
                            "subject_transforms",
                            present(subjectTransforms).stream()
                                    .map(Transform::write)
                                    .toList());
        }
    }

    /**
     * A mapping of subjects. The destination can refer to wildcards of the source: <code>{{wildcard(1)}}</code>. Without a
     * destination, which an origin permits, the source is a filter.
     */
    public record Transform(
            @Nullable String source, @Nullable String destination) {
        private static Transform read(ConfigurationFields transform) {
            return new Transform(transform.text("src"), transform.text("dest"));
        }

        private ConfigurationFields write() {
            return new ConfigurationFields()
                    .text("src", checked(source))
                    .text("dest", destination == null ? null : open(destination));
        }
    }

    /** A copy of each stored message on another subject of core NATS. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonNaming(SnakeCaseStrategy.class)
    public record Republish(
            @Nullable String source,
            @NotNull @Size(min = 1) String destination,
            @Nullable Boolean headersOnly) {

        private static Republish read(ConfigurationFields republish) {
            return new Republish(republish.text("src"), republish.requiredText("dest"), republish.flag("headers_only"));
        }

        private ConfigurationFields write() {
            return new ConfigurationFields()
                    .text("src", checked(source))
                    .text("dest", published(destination))
                    .flag("headers_only", headersOnly);
        }
    }

    /** Returns what a server reports, without fields that have their default. */
    static StreamConfiguration of(StreamInfo stream) {
        ConfigurationFields config = ConfigurationFields.of(stream);
        ConfigurationFields mirror = config.object("mirror");
        ConfigurationFields republish = config.object("republish");
        ConfigurationFields transform = config.object("subject_transform");
        ConfigurationFields metadata = config.object("metadata");
        Long replicas = config.number("num_replicas");
        return new StreamConfiguration(
                config.text("description"),
                config.texts("subjects"),
                config.text("retention"),
                config.text("storage"),
                replicas == null ? null : replicas.intValue(),
                config.text("discard"),
                config.flag("discard_new_per_subject"),
                config.duration("max_age"),
                config.number("max_bytes"),
                config.number("max_msgs"),
                config.number("max_msgs_per_subject"),
                config.number("max_msg_size"),
                config.number("max_consumers"),
                config.duration("duplicate_window"),
                config.text("compression"),
                config.flag("allow_direct"),
                config.flag("allow_rollup_hdrs"),
                config.flag("deny_delete"),
                config.flag("deny_purge"),
                config.flag("allow_msg_ttl"),
                config.duration("subject_delete_marker_ttl"),
                config.flag("allow_atomic"),
                config.flag("allow_batched"),
                config.flag("allow_msg_schedules"),
                mirror == null ? null : Origin.read(mirror),
                config.objects("sources").stream().map(Origin::read).toList(),
                republish == null ? null : Republish.read(republish),
                transform == null ? null : Transform.read(transform),
                metadata == null ? Map.of() : own(metadata.texts()));
    }

    /** Returns the definition of the stream {@code name}. */
    StreamDefinition define(String name) {
        List<String> stored = present(subjects);
        List<Origin> copied = present(sources);
        if (stored.isEmpty() && mirror == null && copied.isEmpty()) {
            throw Failure.INVALID.because("A stream has subjects, a mirror or sources");
        }
        if (subjectTransform != null
                && Objects.requireNonNullElse(subjectTransform.destination(), "")
                        .isEmpty()) {
            throw Failure.INVALID.because("A subject_transform has a destination");
        }
        return new StreamDefinition(
                name,
                new ConfigurationFields()
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
                        .flag("allow_msg_schedules", allowSchedules)
                        .texts(
                                "subjects",
                                stored.stream()
                                        .map(subject -> new SubjectPattern(subject).value())
                                        .toList())
                        .object("mirror", mirror == null ? null : mirror.write())
                        .objects("sources", copied.stream().map(Origin::write).toList())
                        .object("republish", republish == null ? null : republish.write())
                        .object("subject_transform", subjectTransform == null ? null : subjectTransform.write())
                        .object("metadata", writtenMetadata()));
    }

    private @Nullable ConfigurationFields writtenMetadata() {
        if (metadata == null || metadata.isEmpty()) {
            return null;
        }
        if (own(metadata).size() < metadata.size()) {
            throw Failure.INVALID.because("Metadata keys that begin with _nats. belong to NATS");
        }
        ConfigurationFields written = new ConfigurationFields();
        metadata.forEach(written::entry);
        return written;
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

    /**
     * The first token decides whether a subject is reserved, so it must not follow from a message.
     *
     * @throws dev.sluice.failure.SluiceException {@code RESERVED_SUBJECT}
     */
    private static String published(String destination) {
        String first = destination.split("\\.", 2)[0];
        if (first.contains("{{") || first.contains("$") || first.equals("*") || first.equals(">")) {
            throw Failure.RESERVED_SUBJECT.because("The destination " + destination
                    + " can become a subject that is reserved for NATS: its first token must be fixed");
        }
        return new SubjectPattern(destination).value();
    }

    private static @Nullable String checked(@Nullable String pattern) {
        return pattern == null ? null : new SubjectPattern(pattern).value();
    }

    private static <T> List<T> present(@Nullable List<T> list) {
        return Objects.requireNonNullElse(list, List.of());
    }

    /** Returns the metadata that clients can set. */
    private static Map<String, String> own(Map<String, String> metadata) {
        Map<String, String> own = new TreeMap<>(metadata);
        own.keySet().removeIf(key -> key.startsWith(RESERVED_METADATA));
        return own;
    }
}
