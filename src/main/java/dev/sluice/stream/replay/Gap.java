package dev.sluice.stream.replay;

import java.util.Optional;

/** A range of sequences, both ends inclusive, that a stream no longer holds. */
public record Gap(long from, long to) {

    /** Returns the gap between {@code position}, the last sequence read, and the first message of {@code now}. */
    static Optional<Gap> behind(long position, StreamState now) {
        return between(position, now.first());
    }

    /**
     * Returns the gap between {@code position}, the last sequence read, and {@code first}, the next one that exists.
     */
    static Optional<Gap> between(long position, long first) {
        return position + 1 < first ? Optional.of(new Gap(position + 1, first - 1)) : Optional.empty();
    }
}
