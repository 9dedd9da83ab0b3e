package dev.sluice.events;

import dev.sluice.failure.Failure;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.bucket.BucketName;
import dev.sluice.stream.object.ObjectStoreName;
import dev.sluice.stream.replay.ReplayStart;
import java.util.List;
import java.util.Optional;

/**
 * A client's request for a tail.
 *
 * @param subjects subjects of the messages
 * @param filter conditions on the messages
 * @param format encoding of the messages as events
 * @param source source of the messages
 * @param start where in a stream to begin, if requested
 * @param queueGroup queue group to join, so that each message goes to one member only; core source only
 * @param store bucket or object store that is watched; then the subjects are without its prefix. Empty for other tails
 */
public record TailRequest(
        SubjectSet subjects,
        MessageFilter filter,
        EventFormat format,
        Source source,
        Optional<ReplayStart> start,
        Optional<String> queueGroup,
        Optional<WatchedStore> store) {

    /** The source of the messages. */
    public enum Source {
        /** The stream that stores all subjects, or else core NATS. */
        ANY,
        /** Core NATS: live only. */
        CORE,
        /** A stream. */
        STREAM
    }

    /** Creates a request for subjects. */
    public TailRequest(
            SubjectSet subjects,
            MessageFilter filter,
            EventFormat format,
            Source source,
            Optional<ReplayStart> start,
            Optional<String> queueGroup) {
        this(subjects, filter, format, source, start, queueGroup, Optional.empty());
    }

    /**
     * Returns a request for the changes of a bucket.
     *
     * @param keys patterns of the name of the bucket and its keys
     */
    public static TailRequest watch(BucketName bucket, SubjectSet keys, boolean values, ReplayStart start) {
        return new TailRequest(
                keys,
                MessageFilter.NONE,
                values ? EventFormat.ENTRY : EventFormat.ENTRY_WITHOUT_VALUE,
                Source.STREAM,
                Optional.of(start),
                Optional.empty(),
                Optional.of(WatchedStore.of(bucket)));
    }

    /**
     * Returns a request for the changes of an object store.
     *
     * @param names patterns of the encoded names of objects
     * @param filter conditions on the metadata
     */
    public static TailRequest watch(ObjectStoreName store, SubjectSet names, MessageFilter filter, ReplayStart start) {
        return new TailRequest(
                names,
                filter,
                EventFormat.OBJECT,
                Source.STREAM,
                Optional.of(start),
                Optional.empty(),
                Optional.of(WatchedStore.of(store)));
    }

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} if the parameters contradict each other */
    public TailRequest {
        if (queueGroup.isPresent() && source == Source.STREAM) {
            throw Failure.INVALID
                    .because("The parameter queue requires a core source")
                    .in("queue");
        }
        if (queueGroup.isPresent()) {
            source = Source.CORE;
        }
        if (source == Source.CORE) {
            requireNoStart(start);
        }
    }

    /**
     * Returns a key that is equal for tails whose filters are evaluated together. A member of a queue group shares its
     * messages with no other tail.
     */
    public Object sharing() {
        return queueGroup.isPresent()
                ? new Object()
                : List.of(subjects, filter, format, source, store.map(WatchedStore::stream));
    }

    /** Returns a description of what is tailed, for the log. */
    String description() {
        return store.map(watched -> watched.source() + " " + subjects).orElseGet(subjects::toString);
    }

    Projection projection() {
        return new Projection(format, filter);
    }

    /** Returns whether core NATS can serve the request if no stream stores its subjects. */
    boolean corePossible() {
        return source != Source.STREAM && !namesStart(start);
    }

    /** @throws dev.sluice.failure.SluiceException {@code NO_STREAM} or {@code INVALID} unless {@link #corePossible} */
    void requireCorePossible() {
        if (source == Source.STREAM) {
            throw Failure.NO_STREAM.because("No stream stores all of " + subjects + "; source=core needs no stream");
        }
        requireNoStart(start);
    }

    /**
     * Rejects a start position. An id is not rejected: a browser sends it automatically, and would never reconnect
     * after a rejection.
     */
    private static void requireNoStart(Optional<ReplayStart> start) {
        if (namesStart(start)) {
            throw Failure.INVALID
                    .because("The parameters from and tail require a stream: a core source is live only")
                    .in("from");
        }
    }

    private static boolean namesStart(Optional<ReplayStart> start) {
        return start.isPresent() && !(start.get() instanceof ReplayStart.After);
    }
}
