package dev.sluice.flow;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/**
 * How much may wait in front of a subscriber, and what gives way beyond that.
 *
 * <p>A single item larger than {@code maxBytes} still passes while nothing else waits: a bound must not make a message
 * undeliverable.
 *
 * @param maxItems most items that wait
 * @param maxBytes most bytes that wait, as {@code weight} counts them
 * @param overflow who gives way when a bound is reached
 * @param weight the bytes an item holds on to
 * @param dropped counts every item that gave way
 */
public record BufferBounds<T>(
        int maxItems, long maxBytes, Overflow overflow, ToLongFunction<? super T> weight, LongAdder dropped) {

    public BufferBounds {
        if (maxItems < 1 || maxBytes < 1) {
            throw new IllegalArgumentException("a buffer holds at least one item and one byte");
        }
    }
}
