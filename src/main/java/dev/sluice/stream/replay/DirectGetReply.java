package dev.sluice.stream.replay;

import static java.util.Objects.requireNonNull;

import dev.sluice.nats.InboundMessage;
import dev.sluice.stream.message.DirectMessage;
import io.nats.client.Message;
import java.util.Optional;
import java.util.Set;

/**
 * One message in the reply to a batched direct get.
 *
 * @param previous sequence of the previous reply; 0 for the first
 */
record DirectGetReply(long previous, StreamMessage message) {
    static final String STREAM = DirectMessage.STREAM;
    static final String PENDING = "Nats-Num-Pending";
    private static final String PREVIOUS = "Nats-Last-Sequence";
    private static final Set<String> OF_A_BATCH = Set.of(PENDING, PREVIOUS);

    /** As {@link DirectMessage#read}. */
    static Optional<DirectGetReply> read(Message reply) {
        return DirectMessage.read(reply, OF_A_BATCH).flatMap(DirectGetReply::of);
    }

    private static Optional<DirectGetReply> of(DirectMessage stored) {
        try {
            return Optional.of(new DirectGetReply(
                    Long.parseLong(requireNonNull(stored.added().get(PREVIOUS))),
                    new StreamMessage(
                            stored.sequence(),
                            stored.at(),
                            new InboundMessage(stored.subject(), null, stored.headers(), stored.data()))));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
