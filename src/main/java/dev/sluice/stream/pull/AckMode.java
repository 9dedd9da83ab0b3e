package dev.sluice.stream.pull;

/** What a consumer expects for each message that it delivers. */
public enum AckMode {
    /** Nothing: a message counts as done once it is sent. */
    NONE,
    /** An ack stands for its message and all that were delivered before it. */
    ALL,
    /** Each message is settled on its own. */
    EXPLICIT
}
