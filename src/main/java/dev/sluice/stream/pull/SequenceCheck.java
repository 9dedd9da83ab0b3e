package dev.sluice.stream.pull;

import dev.sluice.stream.StartPosition;

/**
 * Checks that messages without acks arrive without gaps. A consumer numbers the messages that it sends. A missing
 * number was sent into a broken connection and is never sent again, so the consumer must be recreated after the last
 * received message.
 *
 * <p>Not thread-safe. Confined to one session's drain loop.
 */
final class SequenceCheck {
    private long consumerSequence;
    private long streamSequence;

    /** Returns whether this is the next message. If it is not, the state does not change. */
    boolean follows(AckSubject position) {
        if (position.consumerSequence() != consumerSequence + 1 || position.streamSequence() <= streamSequence) {
            return false;
        }
        consumerSequence = position.consumerSequence();
        streamSequence = position.streamSequence();
        return true;
    }

    /** Resets the consumer sequence for a new consumer. */
    void restart() {
        consumerSequence = 0;
    }

    /** Returns the start of a new consumer: after the last message, or as declared if none was received. */
    StartPosition resume(StartPosition declared) {
        return streamSequence == 0 ? declared : new StartPosition.Sequence(streamSequence + 1);
    }
}
