package dev.sluice.stream.publish;

import dev.sluice.failure.SluiceException;

/** The outcome of one message of a stream of messages: stored, or refused with a reason. */
public sealed interface PublishOutcome {

    /** A stream has stored the message. */
    record Stored(Receipt receipt) implements PublishOutcome {}

    /** The message is not known to be stored; {@code cause} states whether that is certain. */
    record Refused(SluiceException cause) implements PublishOutcome {}
}
