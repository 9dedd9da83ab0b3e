package dev.sluice.stream.publish;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The messages of an ingest that are not stored yet, numbered from 1: a ring, so that they can be sent again. The
 * ordered window bounds their number. Not thread-safe.
 */
final class IngestLines {
    private final @Nullable IngestLine[] ring;
    private final int mask;
    private long stored;
    private long taken;

    IngestLines(int window) {
        int capacity = window == 1 ? 1 : Integer.highestOneBit(window - 1) * 2;
        ring = new IngestLine[capacity];
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

    void add(IngestLine line) {
        taken++;
        ring[slot(taken)] = line;
    }

    IngestLine get(long number) {
        IngestLine line = ring[slot(number)];
        if (line == null || number <= stored || number > taken) {
            throw new IllegalStateException("Message " + number + " is not here");
        }
        return line;
    }

    /** Returns all messages that are not stored yet, in order. */
    List<IngestLine> unstored() {
        return LongStream.rangeClosed(stored + 1, taken).mapToObj(this::get).toList();
    }

    /**
     * Settles all messages up to {@code number}, last one first: the first one then releases all results of the ordered
     * window.
     */
    void storedUpTo(long number, LongFunction<Checkpoint> checkpoint) {
        long before = stored;
        for (long n = number; n > before; n--) {
            IngestLine line = get(n);
            ring[slot(n)] = null;
            line.completion().complete(checkpoint.apply(n));
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
