package dev.sluice.stream.pull;

/**
 * Whether messages without acks arrive one after the other. A consumer counts what it sends; a number that is missing
 * was sent into a broken connection and nobody will send it again, so the consumer has to be created anew behind the
 * last message that did come.
 *
 * <p>Not thread-safe: one session's drain loop owns it.
 */
final class SequenceCheck {
    private long consumerSequence;
    private long streamSequence;

    /** Whether this is the next message; if it is not, nothing changes. */
    boolean follows(AckSubject position) {
        if (position.consumerSequence() != consumerSequence + 1 || position.streamSequence() <= streamSequence) {
            return false;
        }
        consumerSequence = position.consumerSequence();
        streamSequence = position.streamSequence();
        return true;
    }

    /** A new consumer begins to count. */
    void restart() {
        consumerSequence = 0;
    }

    /** Where that consumer has to start: behind the last message, or as declared if none came yet. */
    StartAt resume(StartAt declared) {
        return streamSequence == 0 ? declared : new StartAt.Sequence(streamSequence + 1);
    }
}
