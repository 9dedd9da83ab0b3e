package dev.sluice.stream.pull;

/** What a consumer expects for each message that it delivers. */
public enum AckMode {
    /** Nothing: a message counts as done once it is sent. */
    NONE,
    /**
     * An ack stands for its message and all that were delivered before it. The cheapest way to be sure: what is acked in
     * a burst goes out as one ack, and acks are half of what a consumer costs its server.
     */
    ALL,
    /** Each message is settled on its own. */
    EXPLICIT
}
