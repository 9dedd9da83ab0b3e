package dev.sluice.stream.replay;

import java.util.Optional;

/**
 * Where to begin.
 *
 * @param position the sequence behind which to read
 * @param end the last sequence that was stored when it was looked for
 * @param endTime when the message at {@code end} was stored, in milliseconds since 1970; 0 if it is not known
 * @param recreated whether the start names another life of the stream
 * @param snapshot what to read first; with its end the position is another
 */
public record Place(
        Selection selection, long position, long end, long endTime, boolean recreated, Optional<Snapshot> snapshot) {
    static Place at(Selection selection, StreamState now, long position) {
        return new Place(selection, position, now.last(), now.lastTime(), false, Optional.empty());
    }

    /** At the first message of a life that is not the one that was meant. */
    static Place recreated(Selection selection, StreamState now) {
        return new Place(selection, now.first() - 1, now.last(), now.lastTime(), true, Optional.empty());
    }

    /** As this, behind {@code otherPosition}, if this is in the life that was meant. */
    public Place from(long otherPosition) {
        return recreated ? this : new Place(selection, otherPosition, end, endTime, false, snapshot);
    }

    /** Nobody begins here. */
    public void close() {
        snapshot.ifPresent(Snapshot::close);
    }
}
