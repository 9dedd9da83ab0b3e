package dev.sluice.stream.replay;

import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import java.util.List;

/**
 * The subjects to read of one epoch of a stream.
 *
 * @param epoch as in {@link StreamState}
 * @param prefix start of each subject, before the part that {@code subjects} describes: that of a bucket; else empty
 */
public record Selection(String stream, String epoch, String prefix, SubjectSet subjects) {

    /** Creates a selection of complete subjects. */
    public Selection(String stream, String epoch, SubjectSet subjects) {
        this(stream, epoch, "", subjects);
    }

    /** Returns whether the subjects are those of a store that NATS keeps in a stream, such as a bucket or an object store. */
    public boolean ofStore() {
        return !prefix.isEmpty();
    }

    /**
     * Returns whether the number of subjects of the stream is that of the store's entries. That of an object store is not:
     * chunks come and go with their objects.
     */
    public boolean countable(StreamState now) {
        return ofStore() && now.subjects().stream().allMatch(subject -> subject.startsWith(prefix));
    }

    /**
     * Returns whether {@code subject} is selected. Without a prefix, reserved NATS subjects never are, whatever the
     * pattern.
     */
    public boolean wants(String subject) {
        if (prefix.isEmpty()) {
            return subjects.shows(subject);
        }
        return subject.startsWith(prefix)
                && subjects.patterns().stream()
                        .anyMatch(pattern -> pattern.matches(subject.substring(prefix.length())));
    }

    /**
     * Returns the filters for the server; empty for no filter. {@link #wants} still checks each message: servers before
     * 2.10 support one filter and ignore several. 2.10 refuses several that overlap, and skips messages of others.
     */
    List<String> filters() {
        return subjects.differBeforeWildcards() ? singles() : List.of();
    }

    List<String> singles() {
        return subjects.patterns().stream()
                .map(pattern -> prefix + pattern.value())
                .toList();
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

    /** Returns whether every message of the stream is selected, as far as one pattern shows it. */
    boolean wholeOf(StreamState now) {
        List<String> singles = singles();
        return !now.subjects().isEmpty()
                && now.subjects().stream()
                        .allMatch(stored -> singles.stream().anyMatch(single -> SubjectPattern.covers(single, stored)));
    }

    /** Returns whether the stream currently stores all selected subjects. */
    public boolean coveredBy(StreamState now) {
        return singles().stream()
                .allMatch(single -> now.subjects().stream().anyMatch(wide -> SubjectPattern.covers(wide, single)));
    }
}
