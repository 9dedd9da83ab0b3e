package dev.sluice.stream.replay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.failure.Failure;
import dev.sluice.stream.ConfigurationFields;
import dev.sluice.stream.StreamInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of a stream at one moment.
 *
 * @param epoch identifies the incarnation of the stream: a stream that is deleted and created again starts at sequence
 *     1 and has another epoch. It does not change if NATS keeps the definition but loses the messages; the times reveal
 *     that
 * @param time when the stream was in this state, by the clock of the server
 * @param first first stored sequence, or the next sequence if none is stored
 * @param firstTime storage time of the message at {@code first}, in milliseconds since 1970; 0 if none is stored
 * @param last last sequence ever stored
 * @param lastTime storage time of the message at {@code last}, in milliseconds since 1970; 0 if none was ever stored
 * @param subjects subjects whose messages are stored unchanged and kept until a limit is reached; empty for a stream
 *     with interest or workqueue retention or with a subject transform
 * @param subjectCount number of distinct subjects of the stored messages
 * @param removing what removes messages that no later message of their subject replaces
 * @param limits whether it keeps messages until a limit is reached; else it keeps them for its consumers, and a reader must
 *     not become one
 * @param direct whether each of its servers answers direct gets, which need no consumer
 * @param replicated whether several servers store it, so that the answering server may be behind
 * @param maxInactiveThreshold maximum inactive threshold of its consumers; zero for no limit
 */
public record StreamState(
        String name,
        String epoch,
        Instant time,
        long first,
        long firstTime,
        long last,
        long lastTime,
        List<String> subjects,
        long subjectCount,
        Removing removing,
        boolean limits,
        boolean direct,
        boolean replicated,
        Duration maxInactiveThreshold) {
    private static final int RADIX = 36;

    /**
     * Time during which an answer that is behind is rejected. Within this time the silence of its followers reveals a
     * leader without a majority, and a new leader has applied what it has stored.
     */
    private static final Duration MAX_DOUBT = Duration.ofSeconds(8);

    /** Maximum number of tracked positions. The time of an evicted position starts again. */
    private static final int MAX_DOUBTS = 10_000;

    /** The time at which an answer was first behind a position, from {@link System#nanoTime()}. */
    private static final Cache<Doubt, Long> DOUBTS = Caffeine.newBuilder()
            .maximumSize(MAX_DOUBTS)
            .expireAfterWrite(MAX_DOUBT.multipliedBy(4))
            .build();

    private record Doubt(String name, String epoch, long position) {}

    /** Fails as {@link StreamInfo#requireMajority}. */
    static StreamState of(StreamInfo info) {
        info.requireMajority();
        StreamInfo.State state = info.state();
        long last = state.lastSequence();
        boolean limits = info.limits().retention().equals("limits");
        return new StreamState(
                info.name(),
                epoch(info),
                info.time(),
                state.empty() ? last + 1 : state.firstSequence(),
                millis(state.firstTime()),
                last,
                millis(state.lastTime()),
                limits && !info.transformed() ? info.subjects() : List.of(),
                state.subjects(),
                Removing.of(info),
                limits,
                info.direct(),
                info.limits().replicas() > 1,
                info.maxInactiveThreshold());
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
     * Returns the sequences that a limit or a purge has removed since {@code before}, an earlier state of this epoch,
     * although no later message of their subject replaces some of them. Empty if there are none, and if they cannot be
     * distinguished from replaced ones.
     */
    public Optional<Gap> removedSince(StreamState before) {
        boolean emptied = first > last && (before.first <= before.last || last > before.last);
        if (emptied) {
            return Optional.of(new Gap(before.first, last));
        }
        return removing.removes(before, time) ? Gap.between(before.first - 1, first) : Optional.empty();
    }

    /**
     * Returns the sequences before the first message, if a limit may have removed them although no later message of
     * their subject replaces them.
     */
    public Optional<Gap> possiblyRemoved() {
        return removing.limited() ? Gap.between(0, first) : Optional.empty();
    }

    /**
     * Returns whether the messages right after {@code position} were removed, and not because a later message of their
     * subject replaces them.
     */
    boolean lostAfter(long position) {
        return first > position + 1 && (!removing.replaced() || removing.limited());
    }

    /**
     * Returns whether subjects have lost all of their messages since {@code before}, without a marker: messages
     * were removed. Where markers expire, this is only certain if all messages of {@code before} are gone.
     */
    public boolean purgedSince(StreamState before) {
        return subjectCount < before.subjectCount && (!removing.marked() || first > before.last);
    }

    /**
     * Returns whether a reader that was complete {@code behind} ago may miss the marker of a subject: markers expire too,
     * and nothing shows that there was one. A reader has half of their lifetime to ask, and the other half to read.
     */
    public boolean markersLost(Duration behind) {
        return removing.marked() && behind.multipliedBy(2).compareTo(removing.markerTtl()) > 0;
    }

    /** As {@link #markersLost(Duration)}, for a reader whose last message was stored at {@code millis}; 0 if unknown. */
    boolean markersLostSince(long millis) {
        return removing.marked() && (millis == 0 || markersLost(Duration.between(Instant.ofEpochMilli(millis), time)));
    }

    /**
     * What removes the last message of a subject.
     *
     * @param age age at which a message is removed without a marker; zero for none
     * @param evicting whether the oldest messages are removed when the stream is full
     * @param markerTtl lifetime of the marker that the server stores where the last message of a subject expires (ADR-43);
     *     zero if it stores none
     * @param replaced whether later messages of a subject replace its earlier ones
     */
    record Removing(Duration age, boolean evicting, Duration markerTtl, boolean replaced) {
        /** Maximum difference between the clocks of two servers of a cluster. */
        private static final Duration SKEW = Duration.ofSeconds(2);

        static Removing of(StreamInfo info) {
            StreamInfo.Limits limits = info.limits();
            Duration maxAge = limits.maxAge();
            Duration markers = ConfigurationFields.of(info).duration("subject_delete_marker_ttl");
            boolean limited = limits.maxBytes() != null || limits.maxMessages() != null;
            return new Removing(
                    maxAge == null || markers != null ? Duration.ZERO : maxAge,
                    limited && limits.discard().equals("old"),
                    markers == null ? Duration.ZERO : markers,
                    limits.maxMessagesPerSubject() != null);
        }

        private boolean marked() {
            return !markerTtl.isZero();
        }

        private boolean limited() {
            return !age.isZero() || evicting;
        }

        /** Returns whether a limit has removed the first message of {@code before} if it is gone. */
        private boolean removes(StreamState before, Instant now) {
            boolean aged = !age.isZero()
                    && before.firstTime != 0
                    && !Instant.ofEpochMilli(before.firstTime).plus(age).isAfter(now.plus(SKEW));
            return aged || evicting;
        }
    }

    /**
     * Returns whether this state can follow the one in which the message at {@code position} was stored at
     * {@code time}. It cannot if the first message is at or before {@code position} and was stored later than
     * {@code time}, or if the stream ends before {@code position}.
     *
     * @param time in milliseconds since 1970; 0 if unknown
     * @throws dev.sluice.failure.SluiceException {@code UNAVAILABLE} if a replicated stream ends before
     *     {@code position}: the server is partitioned or has just restarted. After {@link #MAX_DOUBT} the end of
     *     the stream counts as lost, and the result is false
     */
    boolean continues(long position, long time) {
        return continues(position, time, System.nanoTime());
    }

    /** @param nanoTime time of the answer, from {@link System#nanoTime()} */
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
        if (nanoTime - DOUBTS.get(doubt, begins -> nanoTime) < MAX_DOUBT.toNanos()) {
            throw Failure.UNAVAILABLE.because("The server that answers for the stream is behind");
        }
        return false;
    }
}
