package dev.sluice.nats;

import dev.sluice.flow.BufferBounds;
import dev.sluice.flow.Overflow;
import io.nats.client.Dispatcher;

/**
 * Limits on the messages that wait in jnats for a dispatcher thread. jnats' own limits do not report which subscription
 * lost a message. They are disabled, and the handler drops what exceeds these.
 *
 * @param messages maximum number of messages that wait behind a message that is passed on
 * @param bytes maximum size of these messages
 * @param whenDropped run once for each dropped message
 */
record DispatcherLimits(long messages, long bytes, Runnable whenDropped) {
    /** While the limits are exceeded, each subscription still receives one sixteenth of them. */
    private static final int SHARES = 16;

    /**
     * Returns the limits of a subscription: those of its buffer if its policy is to lose the oldest messages first, else
     * none, because the messages that are dropped here are older than those that still wait.
     */
    static DispatcherLimits of(BufferBounds<?> bounds) {
        return bounds.overflow() == Overflow.DROP_OLDEST || bounds.overflow() == Overflow.LATEST
                ? new DispatcherLimits(bounds.maxItems(), bounds.maxBytes(), bounds.whenDropped())
                : new DispatcherLimits(Long.MAX_VALUE, Long.MAX_VALUE, bounds.whenDropped());
    }

    /** Returns whether a subscription has received more than its share since the limits were exceeded. */
    boolean exceedsShare(long ownMessages, long ownBytes) {
        return ownMessages > messages / SHARES || ownBytes > bytes / SHARES;
    }

    boolean exceededBy(Dispatcher dispatcher) {
        return dispatcher.getPendingMessageCount() > messages || dispatcher.getPendingByteCount() > bytes;
    }
}
