package dev.sluice.stream.replay;

import io.nats.client.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The replies to one direct get.
 *
 * @param answers one reply per message, in the order received
 * @param service whether the stream supports batched direct gets
 */
record DirectGetResult(List<Message> answers, Service service) {

    enum Service {
        GIVEN,
        /** No reply, possibly temporary: servers were unreachable, or the stream had no leader. */
        AWAY,
        /** The stream's servers do not support batches, or another stream replies for it. */
        NEVER
    }

    /** Returns the messages up to the first reply that cannot be parsed or does not follow its predecessor. */
    List<StreamMessage> messages() {
        List<StreamMessage> messages = new ArrayList<>(answers.size());
        long last = 0;
        for (Message answer : answers) {
            Optional<DirectGetReply> read = DirectGetReply.read(answer);
            if (read.isEmpty() || read.get().previous() != last) {
                break;
            }
            messages.add(read.get().message());
            last = read.get().message().sequence();
        }
        return messages;
    }
}
