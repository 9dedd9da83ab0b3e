package dev.sluice.stream.replay;

import java.util.Optional;

/** Sequences that a stream does not hold any longer, both ends included. */
public record Gap(long from, long to) {

    /** What is gone between {@code position}, the last sequence that was read, and what {@code now} still holds. */
    static Optional<Gap> behind(long position, StreamState now) {
        return between(position, now.first());
    }

    /** What is gone between {@code position}, the last sequence that was read, and {@code first}, the next there is. */
    static Optional<Gap> between(long position, long first) {
        return position + 1 < first ? Optional.of(new Gap(position + 1, first - 1)) : Optional.empty();
    }
}
