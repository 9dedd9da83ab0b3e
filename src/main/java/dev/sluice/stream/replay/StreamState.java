package dev.sluice.stream.replay;

import static dev.sluice.stream.JetStreamApi.member;
import static dev.sluice.stream.JetStreamApi.number;

import dev.sluice.failure.Failure;
import io.nats.client.support.JsonValue;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stream as it is at one moment.
 *
 * @param epoch names this life of the stream: one that is deleted and created again counts from 1 and has another
 * @param first the first sequence that is stored, or the next one to be stored if none is
 * @param last the last sequence that was ever stored
 * @param subjects what it stores under the subject it was published to, and keeps until a limit is reached; none for a
 *     stream that forgets what was acknowledged or renames its subjects
 * @param direct whether each of its servers may be asked for messages without a consumer
 */
public record StreamState(String name, String epoch, long first, long last, List<String> subjects, boolean direct) {
    private static final int RADIX = 36;

    static StreamState read(JsonValue info) {
        JsonValue config = required(info, "config");
        JsonValue state = required(info, "state");
        long last = number(member(state, "last_seq"));
        long first = number(member(state, "messages")) == 0 ? last + 1 : number(member(state, "first_seq"));
        JsonValue direct = member(config, "allow_direct");
        return new StreamState(
                text(member(config, "name")),
                epoch(text(member(info, "created"))),
                first,
                last,
                subjects(config),
                direct != null && Boolean.TRUE.equals(direct.bool));
    }

    private static String epoch(String created) {
        return Long.toString(OffsetDateTime.parse(created).toInstant().toEpochMilli(), RADIX);
    }

    private static List<String> subjects(JsonValue config) {
        JsonValue subjects = member(config, "subjects");
        boolean keeps =
                text(member(config, "retention")).equals("limits") && member(config, "subject_transform") == null;
        if (!keeps || subjects == null || subjects.array == null) {
            return List.of();
        }
        return subjects.array.stream()
                .map(subject -> subject.string)
                .filter(Objects::nonNull)
                .toList();
    }

    private static JsonValue required(JsonValue info, String name) {
        JsonValue value = member(info, name);
        if (value == null) {
            throw Failure.UNAVAILABLE.because("JetStream described a stream without its " + name);
        }
        return value;
    }

    private static String text(@Nullable JsonValue value) {
        return value == null || value.string == null ? "" : value.string;
    }
}
