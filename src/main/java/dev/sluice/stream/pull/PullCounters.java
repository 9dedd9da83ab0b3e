package dev.sluice.stream.pull;

import java.util.concurrent.atomic.LongAdder;

/** What all pull subscriptions of this process did so far. Any thread may read it; it never blocks. */
public final class PullCounters {
    final LongAdder delivered = new LongAdder();
    final LongAdder redelivered = new LongAdder();
    final LongAdder outstanding = new LongAdder();
    final LongAdder active = new LongAdder();
    final LongAdder pulls = new LongAdder();
    final LongAdder resets = new LongAdder();
    final LongAdder missedHeartbeats = new LongAdder();
    final LongAdder recreations = new LongAdder();
    final LongAdder returned = new LongAdder();
    final LongAdder unreadable = new LongAdder();
    final LongAdder missing = new LongAdder();
    final LongAdder unsentAcks = new LongAdder();

    /** Deliveries handed downstream. */
    public long delivered() {
        return delivered.sum();
    }

    /** Deliveries that were not the first one of their message. */
    public long redelivered() {
        return redelivered.sum();
    }

    /** Messages that are asked for now and have not come yet. */
    public long outstanding() {
        return outstanding.sum();
    }

    /** Subscriptions that are open now. */
    public long active() {
        return active.sum();
    }

    public long pulls() {
        return pulls.sum();
    }

    /** How often open pulls were given up: the connection, a leader or the heartbeats were lost. */
    public long resets() {
        return resets.sum();
    }

    /** How often nothing at all came from a consumer for two heartbeats. */
    public long missedHeartbeats() {
        return missedHeartbeats.sum();
    }

    /** Consumers created, or created again because they were deleted or had a gap. */
    public long recreations() {
        return recreations.sum();
    }

    /** Messages given back to the consumer because their subscriber had gone. */
    public long returned() {
        return returned.sum();
    }

    /**
     * Messages that could not be read: no valid ack subject, or a header that disguises them as a status, which makes
     * the client drop the payload. They are not settled, so the consumer's own rule for failing messages applies.
     */
    public long unreadable() {
        return unreadable.sum();
    }

    /** Messages that a fetch was granted and that did not come in time; the consumer delivers them again. */
    public long missing() {
        return missing.sum();
    }

    /** Settlements that could not be sent because the connection was gone or its buffer full; a redelivery follows. */
    public long unsentAcks() {
        return unsentAcks.sum();
    }
}
