package dev.sluice.stream.replay;

import java.util.Optional;

/**
 * Where to begin.
 *
 * @param position the sequence behind which to read
 * @param end the last sequence that was stored when it was looked for
 * @param endTime when the message at {@code end} was stored, in milliseconds since 1970; 0 if it is not known
 * @param recreated whether the start names another life of the stream
 * @param lastPerSubject what to read first; with its end the position is another
 */
public record ReplayPosition(
        Selection selection,
        long position,
        long end,
        long endTime,
        boolean recreated,
        Optional<LastPerSubject> lastPerSubject) {
    static ReplayPosition at(Selection selection, StreamState now, long position) {
        return new ReplayPosition(selection, position, now.last(), now.lastTime(), false, Optional.empty());
    }

    /** At the first message of a life that is not the one that was meant. */
    static ReplayPosition recreated(Selection selection, StreamState now) {
        return new ReplayPosition(selection, now.first() - 1, now.last(), now.lastTime(), true, Optional.empty());
    }

    /** As this, behind {@code otherPosition}, if this is in the life that was meant. */
    public ReplayPosition from(long otherPosition) {
        return recreated ? this : new ReplayPosition(selection, otherPosition, end, endTime, false, lastPerSubject);
    }

    /** Nobody begins here. */
    public void close() {
        lastPerSubject.ifPresent(LastPerSubject::close);
    }
}
