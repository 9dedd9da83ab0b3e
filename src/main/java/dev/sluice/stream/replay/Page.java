package dev.sluice.stream.replay;

import java.util.List;
import java.util.Optional;

/**
 * A contiguous part of a stream's history.
 *
 * @param gap sequences before the page that no longer exist
 * @param messages messages in stream order
 * @param position sequence up to which all selected messages have been read
 */
public record Page(Optional<Gap> gap, List<StreamMessage> messages, long position) {

    /** Returns a page of {@code message} alone, or an empty page at {@code position} without a message. */
    static Page of(Optional<StreamMessage> message, long position) {
        return new Page(
                Optional.empty(),
                message.stream().toList(),
                message.map(StreamMessage::sequence).orElse(position));
    }
}
