package dev.sluice.stream;

import java.time.Instant;

/** Where in its stream a new consumer starts. */
public sealed interface StartPosition {

    /** The starts that need no figure. */
    enum Edge implements StartPosition {
        /** The oldest message that is stored. */
        ALL,
        /** The first message stored after the consumer was created. */
        NEW,
        /** The newest message that is stored. */
        LAST,
        /** The newest message of each subject. */
        LAST_PER_SUBJECT
    }

    /**
     * The message with this sequence. A sequence beyond the end is the next message on servers before 2.11, and waited
     * for on later ones.
     */
    record Sequence(long sequence) implements StartPosition {}

    /** The first message stored at or after this time. */
    record Time(Instant time) implements StartPosition {}
}
