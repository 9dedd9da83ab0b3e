package dev.sluice.stream.replay;

import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import java.util.List;

/**
 * Some subjects of one life of a stream: what is read.
 *
 * @param epoch as in {@link StreamState}
 */
public record Selection(String stream, String epoch, SubjectSet subjects) {

    /** Whether a message on {@code subject} is meant; NATS' own subjects never are, whatever the pattern. */
    public boolean wants(String subject) {
        return subjects.shows(subject);
    }

    /**
     * What to tell the server; what it sends is looked at by {@link #wants} nevertheless. Servers before 2.10 know one
     * filter and ignore several, 2.10 refuses several that overlap.
     */
    List<String> filters() {
        return subjects.disjoint() ? singles() : List.of();
    }

    List<String> singles() {
        return subjects.patterns().stream().map(SubjectPattern::value).toList();
    }

    /** @throws StreamRecreatedException unless {@code now} is a later moment of the life that was selected */
    void check(StreamState now, long position) {
        check(now, position, 0);
    }

    /**
     * As {@link #check(StreamState, long)}.
     *
     * @param time when the message at {@code position} was stored, in milliseconds since 1970; 0 if it is not known
     */
    public void check(StreamState now, long position, long time) {
        if (!now.epoch().equals(epoch) || !now.continues(position, time)) {
            throw new StreamRecreatedException(stream);
        }
    }

    /** Whether the stream, as it is {@code now}, stores all that was selected. */
    public boolean coveredBy(StreamState now) {
        return subjects.coveredBy(now.subjects());
    }
}
