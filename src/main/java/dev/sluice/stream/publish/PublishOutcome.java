package dev.sluice.stream.publish;

import dev.sluice.failure.SluiceException;

/** What became of one message of many: stored, or refused for a reason that says so. */
public sealed interface PublishOutcome {

    /** A stream has it. */
    record Stored(Receipt receipt) implements PublishOutcome {}

    /** No stream is known to have it; the {@code cause} says whether that is certain. */
    record Refused(SluiceException cause) implements PublishOutcome {}
}
