package dev.sluice.stream.replay;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A contiguous part of a stream's history.
 *
 * @param gap sequences before the page that no longer exist
 * @param messages messages in stream order
 * @param position sequence up to which all selected messages have been read
 * @param read number of messages that were read for this page, also of subjects that are not selected
 */
public record Page(Optional<Gap> gap, List<StreamMessage> messages, long position, int read) {

    /** Returns an empty page at {@code position}. */
    static Page at(long position) {
        return new Page(Optional.empty(), List.of(), position, 0);
    }

    /** Returns this page without the messages up to {@code sequence}. */
    Page after(long sequence) {
        return only(message -> message.sequence() > sequence);
    }

    /** Returns this page with the messages that {@code wanted} accepts. */
    public Page only(Predicate<StreamMessage> wanted) {
        return new Page(gap, messages.stream().filter(wanted).toList(), position, read);
    }

    /**
     * Returns this page with the message that follows it, unless its subject is not selected.
     *
     * @param next the leader's answer; empty if no message follows
     * @param known a sequence that was stored before the leader was asked
     */
    Page followedBy(Optional<StreamMessage> next, Selection selection, long known) {
        if (next.isEmpty()) {
            return new Page(gap, messages, Math.max(position, known), read);
        }
        Stream<StreamMessage> wanted = next.stream()
                .filter(message -> selection.wants(message.message().subject()));
        return new Page(
                gap,
                Stream.concat(messages.stream(), wanted).toList(),
                next.get().sequence(),
                read + 1);
    }
}
