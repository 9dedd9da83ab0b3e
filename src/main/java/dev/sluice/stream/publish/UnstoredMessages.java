package dev.sluice.stream.publish;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The messages of an ingest that are not stored yet, numbered from 1: a ring, so that they can be sent again. The
 * ordered window bounds their number. Not thread-safe.
 */
final class UnstoredMessages {
    private final @Nullable IngestMessage[] ring;
    private final int mask;
    private long stored;
    private long taken;

    UnstoredMessages(int window) {
        int capacity = window == 1 ? 1 : Integer.highestOneBit(window - 1) * 2;
        ring = new IngestMessage[capacity];
        mask = capacity - 1;
    }

    long stored() {
        return stored;
    }

    long taken() {
        return taken;
    }

    boolean empty() {
        return stored == taken;
    }

    void add(IngestMessage message) {
        taken++;
        ring[slot(taken)] = message;
    }

    IngestMessage get(long number) {
        IngestMessage message = ring[slot(number)];
        if (message == null || number <= stored || number > taken) {
            throw new IllegalStateException("Message " + number + " is not here");
        }
        return message;
    }

    /** Returns all of them, in order. */
    List<IngestMessage> all() {
        return LongStream.rangeClosed(stored + 1, taken).mapToObj(this::get).toList();
    }

    /**
     * Settles all messages up to {@code number}, last one first: the first one then releases all results of the ordered
     * window.
     */
    void storedUpTo(long number, LongFunction<Checkpoint> checkpoint) {
        long before = stored;
        for (long n = number; n > before; n--) {
            IngestMessage message = get(n);
            ring[slot(n)] = null;
            message.completion().complete(checkpoint.apply(n));
        }
        stored = Math.max(number, before);
    }

    /** Removes all messages after {@code number} without settling them. */
    void cut(long number) {
        for (; taken > number; taken--) {
            ring[slot(taken)] = null;
        }
    }

    private int slot(long number) {
        return (int) number & mask;
    }
}
