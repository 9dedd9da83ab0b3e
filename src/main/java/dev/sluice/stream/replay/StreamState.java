package dev.sluice.stream.replay;

import static dev.sluice.stream.JetStreamApi.member;
import static dev.sluice.stream.JetStreamApi.number;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.failure.Failure;
import io.nats.client.support.JsonValue;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stream as it is at one moment.
 *
 * @param epoch names this life of the stream: one that is deleted and created again counts from 1 and has another. It
 *     does not tell lives apart between which NATS kept the stream's definition and lost its messages: the times do
 * @param first the first sequence that is stored, or the next one to be stored if none is
 * @param firstTime when the message at {@code first} was stored, in milliseconds since 1970; 0 if none is stored
 * @param last the last sequence that was ever stored
 * @param lastTime when the message at {@code last} was stored, in milliseconds since 1970; 0 if none ever was
 * @param subjects what it stores under the subject it was published to, and keeps until a limit is reached; none for a
 *     stream that forgets what was acknowledged or renames its subjects
 * @param direct whether each of its servers may be asked for messages without a consumer
 * @param replicated whether several servers store it, so that one which answers may be behind
 * @param longestUnused how long its consumers may be kept while nobody uses them; zero for no limit
 */
public record StreamState(
        String name,
        String epoch,
        long first,
        long firstTime,
        long last,
        long lastTime,
        List<String> subjects,
        boolean direct,
        boolean replicated,
        Duration longestUnused) {
    private static final int RADIX = 36;

    /** Followers answer each heartbeat of a leader, which are a second apart. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(3);

    /**
     * How long an answer that is behind is doubted. A leader that has lost its majority is told by the silence of its
     * followers before that, and a new one has caught up with what it has stored.
     */
    private static final Duration LONGEST_DOUBT = Duration.ofSeconds(8);

    /** Positions that are doubted at once; of more, some are doubted for longer. */
    private static final int MOST_DOUBTS = 10_000;

    /** When an answer was first behind a position. */
    private static final Cache<Doubt, Long> DOUBTS = Caffeine.newBuilder()
            .maximumSize(MOST_DOUBTS)
            .expireAfterWrite(LONGEST_DOUBT.multipliedBy(4))
            .build();

    private record Doubt(String name, String epoch, long position) {}

    /** Fails {@code UNAVAILABLE} if a leader answered that has not heard of a majority for long, and may not be the leader any more. */
    static StreamState read(JsonValue info) {
        requireMajority(info);
        JsonValue config = required(info, "config");
        JsonValue state = required(info, "state");
        long last = number(member(state, "last_seq"));
        boolean empty = number(member(state, "messages")) == 0;
        JsonValue direct = member(config, "allow_direct");
        return new StreamState(
                text(member(config, "name")),
                epoch(text(member(info, "created"))),
                empty ? last + 1 : number(member(state, "first_seq")),
                empty ? 0 : time(member(state, "first_ts")),
                last,
                last == 0 ? 0 : time(member(state, "last_ts")),
                subjects(config),
                direct != null && Boolean.TRUE.equals(direct.bool),
                number(member(config, "num_replicas")) > 1,
                longestUnused(config));
    }

    private static void requireMajority(JsonValue info) {
        JsonValue cluster = member(info, "cluster");
        JsonValue followers = cluster == null ? null : member(cluster, "replicas");
        if (followers == null || followers.array == null || followers.array.isEmpty()) {
            return;
        }
        long silent = followers.array.stream()
                .filter(follower -> number(member(follower, "active")) > LONGEST_SILENCE.toNanos())
                .count();
        if (2 * silent > followers.array.size()) {
            throw Failure.UNAVAILABLE.because("The stream's leader does not hear from its followers");
        }
    }

    /**
     * Whether this can be a later moment of the life in which the message at {@code position} was stored at {@code time}:
     * what is stored from its front up to there is not younger.
     *
     * @param time in milliseconds since 1970; 0 if it is not known
     * @throws dev.sluice.failure.SluiceException {@code UNAVAILABLE} if the answer is older than that: its server is cut
     *     off from the others or has just restarted. If that lasts, the stream has lost its end
     */
    boolean continues(long position, long time) {
        return continues(position, time, System.nanoTime());
    }

    /** @param nanoTime when this was answered */
    boolean continues(long position, long time, long nanoTime) {
        boolean younger = time != 0 && firstTime > time && first <= position;
        if (younger) {
            return false;
        }
        if (!replicated) {
            return last >= position;
        }
        Doubt doubt = new Doubt(name, epoch, position);
        if (last >= position) {
            DOUBTS.invalidate(doubt);
            return true;
        }
        if (nanoTime - DOUBTS.get(doubt, begins -> nanoTime) < LONGEST_DOUBT.toNanos()) {
            throw Failure.UNAVAILABLE.because("The server that answers for the stream is behind");
        }
        return false;
    }

    private static Duration longestUnused(JsonValue config) {
        JsonValue limits = member(config, "consumer_limits");
        return limits == null ? Duration.ZERO : Duration.ofNanos(number(member(limits, "inactive_threshold")));
    }

    private static long time(@Nullable JsonValue timestamp) {
        return timestamp == null
                ? 0
                : OffsetDateTime.parse(text(timestamp)).toInstant().toEpochMilli();
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
