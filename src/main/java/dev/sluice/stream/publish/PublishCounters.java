package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/** What stored publishing has done since the start. All methods may be called on any thread and never block. */
public final class PublishCounters {
    final LongAdder sent = new LongAdder();
    final LongAdder resent = new LongAdder();
    final LongAdder stored = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder timedOut = new LongAdder();
    final LongAdder foreign = new LongAdder();
    final LongAdder batches = new LongAdder();
    final LongAdder brokenBatches = new LongAdder();
    private final Map<Failure, LongAdder> refused = new EnumMap<>(Failure.class);
    private volatile LongConsumer stopwatch = nanos -> {};

    PublishCounters() {
        for (Failure failure : Failure.values()) {
            refused.put(failure, new LongAdder());
        }
    }

    /** Messages handed to the connection for the first time. */
    public long sent() {
        return sent.sum();
    }

    /** Times that a message was handed to the connection again, under the same id. */
    public long resent() {
        return resent.sum();
    }

    /** Receipts, duplicates included. */
    public long stored() {
        return stored.sum();
    }

    /** Receipts that said so: the message id was known before. */
    public long duplicates() {
        return duplicates.sum();
    }

    /** Publishes that failed as {@code failure}, whether they were sent or not. */
    public long refused(Failure failure) {
        return counter(failure).sum();
    }

    /** Publishes whose deadline passed, with whatever failure. */
    public long timedOut() {
        return timedOut.sum();
    }

    /** Answers that were not JetStream's: somebody serves requests on a subject that is published to. */
    public long foreign() {
        return foreign.sum();
    }

    /** Has {@code stopwatch} told the nanoseconds from each publish to its receipt; it must not block. */
    public void time(LongConsumer stopwatch) {
        this.stopwatch = stopwatch;
    }

    void stored(long nanos) {
        stored.increment();
        stopwatch.accept(nanos);
    }

    /** Fast-ingest batches that were begun. */
    public long batches() {
        return batches.sum();
    }

    /** Fast-ingest batches that ended before all they were sent was stored; the next one sends the rest again. */
    public long brokenBatches() {
        return brokenBatches.sum();
    }

    LongAdder counter(Failure failure) {
        LongAdder counter = refused.get(failure);
        if (counter == null) {
            throw new IllegalStateException(failure.name());
        }
        return counter;
    }
}
