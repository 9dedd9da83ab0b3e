package dev.sluice.stream.publish;

import static dev.sluice.stream.JetStreamApi.member;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an ingest has to know of a stream.
 *
 * @param batched whether it takes fast-ingest batches; a server that does not know them leaves the field out
 * @param atomic whether it takes atomic batches, likewise
 * @param subjects what it stores
 */
record StreamCapabilities(String stream, boolean batched, boolean atomic, List<SubjectPattern> subjects) {
    /** Fails {@code NO_STREAM} if there is no such stream, else as {@link #refusal}. */
    static Uni<StreamCapabilities> ask(JetStreamApi api, String stream) {
        return api.ask("STREAM.INFO." + stream, "")
                .map(info -> read(stream, info))
                .onFailure()
                .transform(StreamCapabilities::refusal);
    }

    /** What it means for messages that no stream is known for: none of them was sent. */
    static SluiceException refusal(Throwable failure) {
        return failure instanceof SluiceException told
                ? told
                : Failure.UNAVAILABLE.because("The stream could not be looked at", failure);
    }

    /** @throws SluiceException {@code INVALID} if the stream does not store {@code subject} */
    void check(String subject) {
        if (subjects.stream().noneMatch(pattern -> pattern.matches(subject))) {
            throw Failure.INVALID.because("The stream " + stream + " does not store the subject " + subject);
        }
    }

    private static StreamCapabilities read(String stream, JsonValue info) {
        JsonValue config = member(info, "config");
        if (config == null) {
            throw Failure.UNAVAILABLE.because("JetStream answered without a configuration");
        }
        JsonValue subjects = member(config, "subjects");
        return new StreamCapabilities(
                stream, allows(config, "allow_batched"), allows(config, "allow_atomic"), patterns(subjects));
    }

    private static boolean allows(JsonValue config, String feature) {
        JsonValue allowed = member(config, feature);
        return allowed != null && Boolean.TRUE.equals(allowed.bool);
    }

    /** NATS' own subjects are left out: no {@code OutboundMessage} is for them. */
    private static List<SubjectPattern> patterns(@Nullable JsonValue subjects) {
        if (subjects == null || subjects.array == null) {
            return List.of();
        }
        return subjects.array.stream()
                .map(subject -> subject.string)
                .filter(Objects::nonNull)
                .filter(subject -> !subject.startsWith("$"))
                .map(SubjectPattern::new)
                .toList();
    }
}
