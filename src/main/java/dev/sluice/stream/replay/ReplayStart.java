package dev.sluice.stream.replay;

import java.time.Instant;

/** Where in a stream to begin. */
public sealed interface ReplayStart {

    /** The starts that need no figure. */
    enum Edge implements ReplayStart {
        /** With what is stored from now on. */
        NEW,
        /** With the oldest message that is stored. */
        ALL,
        /** With the last message of each subject, in the order of the stream. */
        LAST_PER_SUBJECT
    }

    /** With the last {@code count} messages. */
    record Tail(long count) implements ReplayStart {}

    /** With this sequence. */
    record Sequence(long sequence) implements ReplayStart {}

    /** With the first message stored at or after this time. */
    record Time(Instant time) implements ReplayStart {}

    /**
     * Behind a message of this life of the stream; what another life names is a gap, and all is read again.
     *
     * @param time when that message was stored, in milliseconds since 1970; 0 if it is not known
     */
    record After(String epoch, long sequence, long time) implements ReplayStart {}
}
