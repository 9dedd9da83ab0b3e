package dev.sluice.stream.object;

import java.util.concurrent.atomic.LongAdder;

/** Counts what happens to objects. Thread-safe. */
public final class ObjectCounters {
    final LongAdder stored = new LongAdder();
    final LongAdder abandoned = new LongAdder();
    final LongAdder unpurged = new LongAdder();
    final LongAdder swept = new LongAdder();
    final LongAdder unswept = new LongAdder();
    final LongAdder corrupt = new LongAdder();
    final LongAdder sweeps = new LongAdder();
    final LongAdder written = new LongAdder();
    final LongAdder read = new LongAdder();

    /** Returns the number of objects that were stored. */
    public long stored() {
        return stored.sum();
    }

    /** Returns the number of uploads that ended without an object. */
    public long abandoned() {
        return abandoned.sum();
    }

    /** Returns the number of failed removals of chunks that belong to no object. */
    public long unpurged() {
        return unpurged.sum();
    }

    /** Returns the number of sweeps of all object stores that ended. */
    public long sweeps() {
        return sweeps.sum();
    }

    /** Returns the number of bytes in chunks that were stored. */
    public long written() {
        return written.sum();
    }

    /** Returns the number of bytes in chunks that were read. */
    public long read() {
        return read.sum();
    }

    /** Returns the number of uploads whose chunks a sweep has removed. */
    public long swept() {
        return swept.sum();
    }

    /** Returns the number of times that a sweep left out a store. */
    public long unswept() {
        return unswept.sum();
    }

    /** Returns the number of reads that ended because the chunks do not fit the metadata. */
    public long corrupt() {
        return corrupt.sum();
    }
}
