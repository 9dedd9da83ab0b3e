package dev.sluice.stream;

/** The ack policy of a consumer: which acks it expects for delivered messages. */
public enum AckMode {
    /** No acks: a message is done when it is sent. */
    NONE,
    /**
     * An ack covers its message and all messages delivered before it. The cheapest mode with acks: the acks of a burst
     * are sent as one, and acks are half of a consumer's cost at the server.
     */
    ALL,
    /** Each message is settled individually. */
    EXPLICIT
}
