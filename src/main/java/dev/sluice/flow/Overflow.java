package dev.sluice.flow;

/** Policy for a message that arrives while the buffer of a slow subscriber is full. */
public enum Overflow {
    /**
     * The buffered messages are delivered, then the stream fails with {@code OVERFLOW}; nothing is dropped silently.
     */
    FAIL,
    /** The new message is dropped; the oldest messages are kept. */
    DROP_NEWEST,
    /** The oldest messages are dropped until the new one fits; the newest messages are kept. */
    DROP_OLDEST,
    /** All buffered messages are dropped: a slow subscriber receives the latest message only. */
    LATEST
}
