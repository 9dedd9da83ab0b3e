package dev.sluice.stream.replay;

import io.nats.client.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The answers to one direct read.
 *
 * @param answers one for each message, as they came
 * @param service whether the stream can be read like this
 */
record DirectGetResult(List<Message> answers, Service service) {

    enum Service {
        GIVEN,
        /** Nobody answered, which may pass: servers were away, or the stream had no leader. */
        AWAY,
        /** The stream's servers do not know batches, or another stream answers in its place. */
        NEVER
    }

    /** What was read: up to the first answer that cannot be understood, or that does not follow on the one before it. */
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
