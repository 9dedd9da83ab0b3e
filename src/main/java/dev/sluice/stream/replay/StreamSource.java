package dev.sluice.stream.replay;

import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.SubscriptionObserver;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** Streams as the source of tails: the part of {@link Replay} that a tail and its feed use. Fails as {@link Replay}. */
public interface StreamSource {

    /** Returns the stream that stores everything {@code subjects} can match, if there is one. */
    Uni<Optional<StreamState>> covering(SubjectSet subjects);

    /** Resolves {@code start} to a position in the stream, whose state {@code now} was requested just before. */
    default Uni<ReplayPosition> locate(StreamState now, SubjectSet subjects, ReplayStart start) {
        return locate(now, "", subjects, start);
    }

    /** As {@link #locate(StreamState, SubjectSet, ReplayStart)}, for subjects that begin with {@code prefix}. */
    Uni<ReplayPosition> locate(StreamState now, String prefix, SubjectSet subjects, ReplayStart start);

    /** Returns the current state of the stream. */
    Uni<StreamState> state(String stream);

    /**
     * Reads the next page after {@code position}.
     *
     * @param known a sequence that was stored before this call; a page that reaches the end of the stream has at least
     *     this position
     */
    Uni<Page> page(Selection selection, long position, long known, PageSize size);

    /**
     * Returns all messages after {@code position}, once and in order. They include messages of subjects that were not
     * selected, if the server cannot filter them. The {@code Multi} waits while NATS or the stream is unavailable, and
     * completes when the stream is recreated. It fails with {@link FellBehindException} if messages were removed before
     * they could be read, or with the server's refusal if the server refuses repeatedly.
     *
     * @param time storage time of the message at {@code position}, in milliseconds since 1970; 0 if unknown
     * @param observer notified when the stream is followed, and when following is interrupted, even if NATS is
     *     reachable; the same state may be reported several times
     */
    Multi<StreamMessage> follow(Selection selection, long position, long time, SubscriptionObserver observer);

    /**
     * Returns whether no selected message was stored after {@code position} up to {@code known}. False also if that is not
     * certain, because the stream has removed messages after {@code position}.
     *
     * @param known a sequence that was stored before this call
     */
    Uni<Boolean> nothingUpTo(Selection selection, long position, long known);

    /** Notifies {@code observer} when NATS becomes reachable or unreachable, until the returned handle is run. */
    Runnable observe(SubscriptionObserver observer);

    /** Completes when NATS is reachable. */
    Uni<Void> reachable();
}
