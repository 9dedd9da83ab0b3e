package dev.sluice.stream.publish;

/** What came back on the reply subject of a publish. */
sealed interface PubAck {

    /** A stream has stored it. */
    record Stored(Receipt receipt) implements PubAck {}

    /**
     * JetStream will not store it, or not now.
     *
     * @param code the class of the error, as in HTTP
     * @param errorCode JetStream's own number for it, which decides
     */
    record Refused(int code, int errorCode, String description) implements PubAck {}

    /** Nobody listens to the subject: no stream, as far as the server can tell at this moment. */
    record NoResponders() implements PubAck {
        static final NoResponders INSTANCE = new NoResponders();
    }

    /** Not JetStream's words: somebody who serves requests on the same subject has answered. */
    record Foreign() implements PubAck {
        static final Foreign INSTANCE = new Foreign();
    }
}
