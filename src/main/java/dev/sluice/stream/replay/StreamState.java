package dev.sluice.stream.replay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.failure.Failure;
import dev.sluice.stream.StreamInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

    /** Fails {@code UNAVAILABLE} if the leader has not heard from a majority lately: it may not be the leader any more. */
    static StreamState of(StreamInfo info) {
        requireMajority(info);
        StreamInfo.State state = info.state();
        long last = state.lastSequence();
        return new StreamState(
                info.name(),
                epoch(info),
                state.empty() ? last + 1 : state.firstSequence(),
                millis(state.firstTime()),
                last,
                millis(state.lastTime()),
                info.limits().retention().equals("limits") && !info.transformed() ? info.subjects() : List.of(),
                info.direct(),
                info.limits().replicas() > 1,
                info.longestUnused());
    }

    private static void requireMajority(StreamInfo info) {
        long silent = info.silences().stream()
                .filter(silence -> silence.compareTo(LONGEST_SILENCE) > 0)
                .count();
        if (2 * silent > info.silences().size()) {
            throw Failure.UNAVAILABLE.because("The stream's leader does not hear from its followers");
        }
    }

    private static String epoch(StreamInfo info) {
        Instant created = info.created();
        if (created == null) {
            throw Failure.UNAVAILABLE.because("JetStream described a stream without its creation time");
        }
        return Long.toString(created.toEpochMilli(), RADIX);
    }

    private static long millis(@Nullable Instant time) {
        return time == null ? 0 : time.toEpochMilli();
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
}
