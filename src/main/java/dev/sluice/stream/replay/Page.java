package dev.sluice.stream.replay;

import java.util.List;
import java.util.Optional;

/**
 * A piece of history.
 *
 * @param gap what was gone in front of it
 * @param messages in the order of the stream
 * @param position the sequence up to which nothing that was selected is missing now
 */
public record Page(Optional<Gap> gap, List<StreamMessage> messages, long position) {

    /** Of {@code message} alone; without it, nothing behind {@code position}. */
    static Page of(Optional<StreamMessage> message, long position) {
        return new Page(
                Optional.empty(),
                message.stream().toList(),
                message.map(StreamMessage::sequence).orElse(position));
    }
}
