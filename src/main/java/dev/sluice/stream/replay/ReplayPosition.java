package dev.sluice.stream.replay;

import java.util.Optional;

/**
 * The resolved start position of a reader.
 *
 * @param position sequence after which to read
 * @param found state of the stream at the time of resolution
 * @param recreated whether the start names another epoch of the stream
 * @param purged whether the stream may have lost what shows a reader that an entry is gone; the snapshot is the present state
 * @param lastPerSubject snapshot to read first; reading then continues after the position of its last page
 */
public record ReplayPosition(
        Selection selection,
        long position,
        StreamState found,
        boolean recreated,
        boolean purged,
        Optional<LastPerSubject> lastPerSubject) {
    static ReplayPosition at(Selection selection, StreamState now, long position) {
        return new ReplayPosition(selection, position, now, false, false, Optional.empty());
    }

    /** Returns the position of the first message, for a start that names another epoch. */
    static ReplayPosition recreated(Selection selection, StreamState now) {
        return new ReplayPosition(selection, now.first() - 1, now, true, false, Optional.empty());
    }

    /** Returns the last stored sequence at the time of resolution. */
    public long end() {
        return found.last();
    }

    /**
     * Returns the storage time of the message at {@link #end}, in milliseconds since 1970; 0 if unknown.
     */
    public long endTime() {
        return found.lastTime();
    }

    /** Returns this position moved to {@code otherPosition}, or unchanged if the stream was recreated or purged. */
    public ReplayPosition from(long otherPosition) {
        return recreated || purged
                ? this
                : new ReplayPosition(selection, otherPosition, found, false, false, lastPerSubject);
    }

    /** Releases the snapshot of a position that is not used. */
    public void close() {
        lastPerSubject.ifPresent(LastPerSubject::close);
    }
}
