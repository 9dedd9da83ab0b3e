package dev.sluice.events;

import dev.sluice.failure.Failure;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.replay.Start;
import java.util.List;
import java.util.Optional;

/**
 * What a client asks to tail.
 *
 * @param subjects the messages it wants
 * @param filter which of them it wants to see
 * @param format how they become events
 * @param source where they are to come from
 * @param start where in a stream to begin, if it says so
 * @param queueGroup the group it joins, so that each message goes to one member only; on a core source
 */
public record TailRequest(
        SubjectSet subjects,
        MessageFilter filter,
        EventFormat format,
        Source source,
        Optional<Start> start,
        Optional<String> queueGroup) {

    /** Where messages come from. */
    public enum Source {
        /** From the stream that stores them all, else from core NATS. */
        ANY,
        /** From core NATS: live only. */
        CORE,
        /** From a stream. */
        STREAM
    }

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} if it contradicts itself */
    public TailRequest {
        if (queueGroup.isPresent() && source == Source.STREAM) {
            throw Failure.INVALID.because("The parameter queue needs a core source");
        }
        if (queueGroup.isPresent()) {
            source = Source.CORE;
        }
        if (source == Source.CORE) {
            requireNoPlace(start);
        }
    }

    /** Equal for tails whose filters are evaluated together; a member of a queue group has its messages for itself. */
    public Object sharing() {
        return queueGroup.isPresent() ? new Object() : List.of(subjects, filter, format, source);
    }

    Projection projection() {
        return new Projection(format, filter);
    }

    /** Whether it can be served from core NATS where no stream has its subjects. */
    boolean corePossible() {
        return source != Source.STREAM && !namesPlace(start);
    }

    /** @throws dev.sluice.failure.SluiceException {@code NO_STREAM} or {@code INVALID} unless {@link #corePossible} */
    void requireCorePossible() {
        if (source == Source.STREAM) {
            throw Failure.NO_STREAM.because("No stream stores all of " + subjects + "; source=core does without");
        }
        requireNoPlace(start);
    }

    /** An id is not refused: a browser sends it on its own, and a refusal would keep it from ever coming back. */
    private static void requireNoPlace(Optional<Start> start) {
        if (namesPlace(start)) {
            throw Failure.INVALID.because("The parameters from and tail need a stream: a core source is live only");
        }
    }

    private static boolean namesPlace(Optional<Start> start) {
        return start.isPresent() && !(start.get() instanceof Start.After);
    }
}
