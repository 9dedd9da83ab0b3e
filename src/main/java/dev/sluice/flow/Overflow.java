package dev.sluice.flow;

/** What happens to a message that comes while the buffer in front of a slow subscriber is full. */
public enum Overflow {
    /** Nothing is dropped: what is buffered is delivered, then the stream fails {@code OVERFLOW}. */
    FAIL,
    /** The new message is dropped; the oldest history survives. */
    DROP_NEWEST,
    /** The messages that have waited longest are dropped until the new one fits; the freshest view survives. */
    DROP_OLDEST,
    /** All that waits is dropped: a slow subscriber sees the latest message only. */
    LATEST
}
