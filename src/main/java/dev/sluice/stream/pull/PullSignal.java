package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.ConsumerRef;

/**
 * A status message about one pull.
 *
 * @param pull the pull's number; -1 if the message names none
 * @param pendingMessages what the pull had left, -1 if the message does not say
 * @param pendingBytes what the pull had left, -1 if the message does not say
 */
record PullSignal(long pull, PullStatus status, String description, long pendingMessages, long pendingBytes) {
    boolean tellsRest() {
        return pendingMessages >= 0;
    }

    /** What a status that pulling cannot recover from tells the subscriber. */
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
