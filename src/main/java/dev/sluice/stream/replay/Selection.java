package dev.sluice.stream.replay;

import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import java.util.List;

/**
 * The subjects to read of one epoch of a stream.
 *
 * @param epoch as in {@link StreamState}
 */
public record Selection(String stream, String epoch, SubjectSet subjects) {

    /** Returns whether {@code subject} is selected. Reserved NATS subjects never are, whatever the pattern. */
    public boolean wants(String subject) {
        return subjects.shows(subject);
    }

    /**
     * Returns the filters for the server; empty for no filter. {@link #wants} still checks each message: servers before
     * 2.10 support one filter and ignore several, and 2.10 refuses several that overlap.
     */
    List<String> filters() {
        return subjects.disjoint() ? singles() : List.of();
    }

    List<String> singles() {
        return subjects.patterns().stream().map(SubjectPattern::value).toList();
    }

    /** @throws StreamRecreatedException unless {@code now} is a later state of the selected epoch */
    void check(StreamState now, long position) {
        check(now, position, 0);
    }

    /**
     * As {@link #check(StreamState, long)}.
     *
     * @param time storage time of the message at {@code position}, in milliseconds since 1970; 0 if unknown
     */
    public void check(StreamState now, long position, long time) {
        if (!now.epoch().equals(epoch) || !now.continues(position, time)) {
            throw new StreamRecreatedException(stream);
        }
    }

    /** Returns whether the stream currently stores all selected subjects. */
    public boolean coveredBy(StreamState now) {
        return subjects.coveredBy(now.subjects());
    }
}
