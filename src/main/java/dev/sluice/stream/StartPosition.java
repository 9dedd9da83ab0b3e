package dev.sluice.stream;

import java.time.Instant;

/** The start position of a new consumer. */
public sealed interface StartPosition {

    /** The start positions without a value. */
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
     * The message with this sequence. For a sequence after the end, servers before 2.11 start with the next message;
     * later servers wait for the sequence.
     */
    record Sequence(long sequence) implements StartPosition {}

    /** The first message stored at or after this time. */
    record Time(Instant time) implements StartPosition {}
}
