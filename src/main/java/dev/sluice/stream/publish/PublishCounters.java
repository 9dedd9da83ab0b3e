package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.flow.EnumCounters;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/** Counters of stored publishing since the start. Thread-safe; never blocks. */
public final class PublishCounters {
    final LongAdder sent = new LongAdder();
    final LongAdder resent = new LongAdder();
    final LongAdder stored = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder unrecognized = new LongAdder();
    final LongAdder batches = new LongAdder();
    final LongAdder brokenBatches = new LongAdder();
    private final EnumCounters<Failure> refused = new EnumCounters<>(Failure.class);
    private volatile LongConsumer stopwatch = nanos -> {};

    /** Returns the number of messages that were passed to the connection for the first time. For tests. */
    long sent() {
        return sent.sum();
    }

    /** Returns how many times a message was passed to the connection again, with the same message id. */
    public long resent() {
        return resent.sum();
    }

    /** Returns the number of receipts, including duplicates. */
    public long stored() {
        return stored.sum();
    }

    /** Returns the number of receipts of duplicates: the message id was already known. */
    public long duplicates() {
        return duplicates.sum();
    }

    /** Returns the number of publishes that failed with {@code failure}, sent or not. */
    public long refused(Failure failure) {
        return refused.count(failure);
    }

    /** Returns the number of answers that are not from JetStream: a responder serves a subject that is published to. */
    public long unrecognized() {
        return unrecognized.sum();
    }

    /** Sets the callback that receives the nanoseconds from each publish to its receipt. It must not block. */
    public void time(LongConsumer stopwatch) {
        this.stopwatch = stopwatch;
    }

    void stored(long nanos) {
        stored.increment();
        stopwatch.accept(nanos);
    }

    /** Returns the number of fast-ingest batches that were started. */
    public long batches() {
        return batches.sum();
    }

    /**
     * Returns the number of fast-ingest batches that ended before all their messages were stored. The next one sends
     * the rest again.
     */
    public long brokenBatches() {
        return brokenBatches.sum();
    }

    void failed(Failure failure) {
        refused.increment(failure);
    }
}
