package dev.sluice.stream.publish;

import dev.sluice.stream.JetStreamErrors;

/** A reply to a publish: the acknowledgement of the stream, a refusal, or something else. */
sealed interface PublishReply {

    /** A stream has stored the message. */
    record Stored(Receipt receipt) implements PublishReply {}

    /**
     * JetStream refuses the message, permanently or temporarily.
     *
     * @param code error class, as in HTTP
     * @param errorCode JetStream error code, which takes precedence
     */
    record Refused(int code, int errorCode, String description) implements PublishReply {
        /**
         * A message with this id is in process. Servers before 2.11 report this as a duplicate of the message with sequence
         * 0.
         */
        static final Refused IN_PROCESS = new Refused(
                409,
                JetStreamErrors.STREAM_DUPLICATE_MESSAGE_CONFLICT,
                "a message with this id is in process, or was refused a short time ago");
    }

    /** The subject has no responder: at this moment the server knows no stream for it. */
    record NoResponders() implements PublishReply {
        static final NoResponders INSTANCE = new NoResponders();
    }

    /** Not a reply of JetStream: another responder on the same subject has replied. */
    record Unrecognized() implements PublishReply {
        static final Unrecognized INSTANCE = new Unrecognized();
    }
}
