package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.ConsumerRef;

/**
 * A status message about one pull.
 *
 * @param pull number of the pull; -1 if the message has none
 * @param pendingMessages remainder of the pull in messages; -1 if not reported
 * @param pendingBytes remainder of the pull in bytes; -1 if not reported
 */
record PullSignal(long pull, PullStatus status, String description, long pendingMessages, long pendingBytes) {
    boolean reportsRemainder() {
        return pendingMessages >= 0;
    }

    /** Returns the subscriber's failure for a status that pulling cannot recover from. */
    SluiceException failure(ConsumerRef ref) {
        Failure kind =
                switch (status) {
                    case UNSUPPORTED -> Failure.NOT_SUPPORTED;
                    case PUSH -> Failure.CONFLICT;
                    default -> Failure.INVALID;
                };
        return kind.because("The server refuses to let " + ref + " be pulled from like this: " + description);
    }
}
