package dev.sluice.flow;

import java.util.function.ToLongFunction;

/**
 * The bounds of a subscriber's buffer and the policy when a bound is reached.
 *
 * <p>An item larger than {@code maxBytes} is accepted if the buffer is empty: a bound must not make a message
 * undeliverable.
 *
 * @param maxItems maximum number of buffered items
 * @param maxBytes maximum number of buffered bytes, as measured by {@code weight}
 * @param overflow policy when a bound is reached
 * @param weight size of an item in bytes
 * @param whenDropped run once for each item lost to the policy, on the source's thread; must not block
 */
public record BufferBounds<T>(
        int maxItems, long maxBytes, Overflow overflow, ToLongFunction<? super T> weight, Runnable whenDropped) {

    public BufferBounds {
        if (maxItems < 1 || maxBytes < 1) {
            throw new IllegalArgumentException("a buffer holds at least one item and one byte");
        }
    }
}
