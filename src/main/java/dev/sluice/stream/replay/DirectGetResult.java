package dev.sluice.stream.replay;

import io.nats.client.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The replies to one direct get.
 *
 * @param replies one reply per message, in the order received
 * @param outcome whether the stream answered
 */
record DirectGetResult(List<Message> replies, Outcome outcome) {

    enum Outcome {
        ANSWERED,
        /** No reply, possibly temporary: servers were unreachable, or the stream had no leader. */
        UNAVAILABLE,
        /** The stream's servers do not support batches, or another stream replies for it. */
        UNSUPPORTED
    }

    /** Returns the messages up to the first reply that cannot be parsed or does not follow its predecessor. */
    List<StreamMessage> messages() {
        List<StreamMessage> messages = new ArrayList<>(replies.size());
        long last = 0;
        for (Message reply : replies) {
            Optional<DirectGetReply> read = DirectGetReply.read(reply);
            if (read.isEmpty() || read.get().previous() != last) {
                break;
            }
            messages.add(read.get().message());
            last = read.get().message().sequence();
        }
        return messages;
    }
}
