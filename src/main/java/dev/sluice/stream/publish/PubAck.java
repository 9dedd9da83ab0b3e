package dev.sluice.stream.publish;

/** An answer on the reply subject of a publish. */
sealed interface PubAck {

    /** A stream has stored the message. */
    record Stored(Receipt receipt) implements PubAck {}

    /**
     * JetStream refuses the message, permanently or temporarily.
     *
     * @param code error class, as in HTTP
     * @param errorCode JetStream error code, which takes precedence
     */
    record Refused(int code, int errorCode, String description) implements PubAck {}

    /** The subject has no responder: at this moment the server knows no stream for it. */
    record NoResponders() implements PubAck {
        static final NoResponders INSTANCE = new NoResponders();
    }

    /** Not an answer of JetStream: another responder on the same subject has answered. */
    record Foreign() implements PubAck {
        static final Foreign INSTANCE = new Foreign();
    }
}
