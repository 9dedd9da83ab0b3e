package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.stream.JetStreamErrors;
import java.util.OptionalLong;

/**
 * Maps the refusals of JetStream to the failure of a publish, based on {@link JetStreamErrors}, and to whether the
 * message is sent again.
 */
final class PublishErrors {

    /** Whether the same message may be stored if it is sent again. */
    enum Repeat {
        /** The answer remains the same. */
        NEVER,
        /** Possibly temporary: sent again at most twice, then the refusal is believed (ADR-22). */
        TWICE,
        /** Temporary. */
        UNTIL_DEADLINE
    }

    /**
     * @param failure failure to report when the message is not sent again
     * @param beforeDeduplication whether a server can refuse so without a look at the message id: an earlier attempt may be
     *     stored
     */
    record Meaning(Failure failure, Repeat repeat, boolean beforeDeduplication) {
        Meaning(Failure failure, Repeat repeat) {
            this(failure, repeat, false);
        }
    }

    /** No stream, or none with a leader. */
    static final Meaning NO_RESPONDERS = new Meaning(Failure.NO_STREAM, Repeat.TWICE);

    /** The stream is full, or its server is shutting down. */
    static final Meaning FULL = new Meaning(Failure.STREAM_FULL, Repeat.TWICE);

    private PublishErrors() {}

    static Meaning meaning(PublishReply.Refused refused) {
        return switch (refused.errorCode()) {
            case 10077 -> FULL;
            // Up to version 2.10 for a replicated stream, and again in 2.15, the sequence is compared before the
            // message id.
            case 10071 -> new Meaning(Failure.WRONG_SEQUENCE, Repeat.NEVER, true);
            // For a publish, no space in the account or on the server is equivalent to a full stream.
            case 10002, 10028, 10047 -> new Meaning(Failure.STREAM_FULL, Repeat.NEVER, true);
            default -> known(JetStreamErrors.failure(refused.errorCode(), refused.code()));
        };
    }

    /**
     * Returns the server's reason, unless it has something of another message: a caller who may publish may not always read.
     */
    static String reason(PublishReply.Refused refused) {
        return refused.errorCode() == JetStreamErrors.STREAM_WRONG_LAST_MSG_ID
                ? "the last message does not have the expected id"
                : refused.description();
    }

    /**
     * Returns why the message is too large.
     *
     * @param size size of the message with its headers
     * @param most maximum size in its stream; empty if it is not known
     */
    static String tooLarge(PublishReply.Refused refused, long size, OptionalLong most) {
        return most.isPresent()
                ? "with its headers it has %d bytes, and the limit of the stream is %d bytes"
                        .formatted(size, most.getAsLong())
                : "%s; with its headers it has %d bytes".formatted(refused.description(), size);
    }

    private static Meaning known(Failure failure) {
        return switch (failure) {
            case OVERLOADED, UNAVAILABLE, IN_PROCESS -> new Meaning(failure, Repeat.UNTIL_DEADLINE);
            default -> new Meaning(failure, Repeat.NEVER);
        };
    }
}
