package dev.sluice.stream.replay;

import java.util.Optional;

/**
 * Where to begin.
 *
 * @param position the sequence behind which to read
 * @param end the last sequence that was stored when it was looked for
 * @param recreated whether the start names another life of the stream
 * @param snapshot what to read first; with its end the position is another
 */
public record Place(Selection selection, long position, long end, boolean recreated, Optional<Snapshot> snapshot) {
    static Place at(Selection selection, StreamState now, long position) {
        return new Place(selection, position, now.last(), false, Optional.empty());
    }
}
