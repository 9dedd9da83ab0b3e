package dev.sluice.stream.pull;

import java.util.concurrent.atomic.LongAdder;

/** Counters and gauges of all subscriptions that share a {@link PullContext}. Thread-safe; reading never blocks. */
public final class PullCounters {
    final LongAdder delivered = new LongAdder();
    final LongAdder redelivered = new LongAdder();
    final LongAdder outstanding = new LongAdder();
    final LongAdder active = new LongAdder();
    final LongAdder pulls = new LongAdder();
    final LongAdder resets = new LongAdder();
    final LongAdder missedHeartbeats = new LongAdder();
    final LongAdder consumersCreated = new LongAdder();
    final LongAdder unreadable = new LongAdder();
    final LongAdder missing = new LongAdder();
    final LongAdder unsentAcks = new LongAdder();

    /** Deliveries emitted downstream. */
    public long delivered() {
        return delivered.sum();
    }

    /** Deliveries that were not the first one of their message. */
    public long redelivered() {
        return redelivered.sum();
    }

    /** Messages that are currently requested and not yet received. */
    public long outstanding() {
        return outstanding.sum();
    }

    /** Currently open subscriptions and fetches. */
    public long active() {
        return active.sum();
    }

    /** Pulls that were sent. For tests. */
    long pulls() {
        return pulls.sum();
    }

    /** Number of times that open pulls were abandoned because the connection, a leader or the heartbeats were lost. */
    public long resets() {
        return resets.sum();
    }

    /**
     * Number of times that a consumer sent nothing for two heartbeats (a push consumer: for three, or for five seconds
     * if its heartbeats do not reach every subscriber).
     */
    public long missedHeartbeats() {
        return missedHeartbeats.sum();
    }

    /** Consumers created, or recreated after a deletion or a gap. */
    public long consumersCreated() {
        return consumersCreated.sum();
    }

    /**
     * Messages that could not be read: they have no valid ack subject, or a header that makes the client take them for
     * a status and drop the payload. They are not settled, so the consumer's redelivery settings apply.
     */
    public long unreadable() {
        return unreadable.sum();
    }

    /** Messages that were granted to a fetch and did not arrive in time; the consumer redelivers them. */
    public long missing() {
        return missing.sum();
    }

    /** Acks that could not be sent because the connection was closed or its buffer was full; a redelivery follows. */
    public long unsentAcks() {
        return unsentAcks.sum();
    }
}
