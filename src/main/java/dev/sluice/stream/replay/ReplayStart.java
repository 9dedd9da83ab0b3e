package dev.sluice.stream.replay;

import java.time.Instant;

/** The start position of a replay. */
public sealed interface ReplayStart {

    /** The start positions without a value. */
    enum Edge implements ReplayStart {
        /** Messages stored from now on. */
        NEW,
        /** The oldest stored message. */
        ALL,
        /** The last message of each subject, in stream order. */
        LAST_PER_SUBJECT
    }

    /** The last {@code count} messages. */
    record LastMessages(long count) implements ReplayStart {}

    /** The message with this sequence. */
    record Sequence(long sequence) implements ReplayStart {}

    /** The first message stored at or after this time. */
    record Time(Instant time) implements ReplayStart {}

    /**
     * After the message with this sequence in this epoch of the stream. If the stream has another epoch, a gap is
     * reported and the stream is read from the beginning.
     *
     * @param time storage time of that message, in milliseconds since 1970; 0 if unknown
     */
    record After(String epoch, long sequence, long time) implements ReplayStart {}
}
