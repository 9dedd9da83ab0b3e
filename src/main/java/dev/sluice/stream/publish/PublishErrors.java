package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.stream.JetStreamErrors;

/** What JetStream's refusals mean to a publish: as {@link JetStreamErrors} has it, and whether to send it again. */
final class PublishErrors {

    /** Whether the same message may be stored if it is sent again. */
    enum Repeat {
        /** The answer stays the same. */
        NEVER,
        /** It may be a passing state; a second and a third refusal are believed (ADR-22). */
        TWICE,
        /** It is a passing state. */
        UNTIL_DEADLINE
    }

    /**
     * @param failure what to report once it is not repeated any more
     */
    record Meaning(Failure failure, Repeat repeat) {}

    private PublishErrors() {}

    static Meaning meaning(PubAck.Refused refused) {
        return switch (refused.errorCode()) {
            // Also what a server says that is just stopping.
            case 10077 -> new Meaning(Failure.STREAM_FULL, Repeat.TWICE);
            // To a publish, no room in the account or on the server is a stream that is full.
            case 10002, 10028, 10047 -> new Meaning(Failure.STREAM_FULL, Repeat.NEVER);
            default -> known(JetStreamErrors.failure(refused.errorCode(), refused.code()));
        };
    }

    private static Meaning known(Failure failure) {
        return switch (failure) {
            case OVERLOADED, UNAVAILABLE, IN_PROCESS -> new Meaning(failure, Repeat.UNTIL_DEADLINE);
            default -> new Meaning(failure, Repeat.NEVER);
        };
    }
}
