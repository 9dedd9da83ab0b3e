package dev.sluice.stream.publish;

/**
 * Progress of one fast-ingest batch (ADR-50): what may be sent, what is stored and what is due. Sequences are those of
 * the batch, from 1. Times are {@link System#nanoTime()}. Not thread-safe.
 *
 * <p>The last sent message does not count as stored until a later one is sent or the batch has ended. The last
 * checkpoint of an ingest therefore comes from the end of a batch, which alone reports the stream sequence.
 */
final class FastBatch {

    /** The action that is due. */
    enum Step {
        NOTHING,
        /** Commit the batch: the rest would not be acknowledged otherwise, or an acknowledgement is missing. */
        COMMIT,
        /** Abandon the batch: its start or its end was not answered. */
        GIVE_UP
    }

    private enum Phase {
        STARTING,
        OPEN,
        ENDING
    }

    /** ADR-50: while the server processes one group of messages, the next group is in transit. */
    private static final int OUTSTANDING_ACKS = 2;

    private final long before;
    private final int flow;
    private Phase phase = Phase.STARTING;
    private int every;
    private long sent;
    private long acknowledged;
    private long since;

    /**
     * @param before number of messages of the ingest that are stored before this batch
     * @param flow maximum number of messages per acknowledgement
     */
    FastBatch(long before, int flow) {
        this.before = before;
        this.flow = flow;
        this.every = flow;
    }

    /** Returns the ingest number of the message with {@code sequence} in this batch. */
    long message(long sequence) {
        return before + sequence;
    }

    long sent() {
        return sent;
    }

    /** Returns whether the server has not answered yet. It may not support batches. */
    boolean starting() {
        return phase == Phase.STARTING;
    }

    boolean open() {
        return phase == Phase.OPEN;
    }

    /** Returns whether one more may be sent now: only one before the first answer, then at the pace of the server. */
    boolean maySend() {
        return switch (phase) {
            case STARTING -> sent == 0;
            case OPEN -> sent < acknowledged + (long) OUTSTANDING_ACKS * every;
            case ENDING -> false;
        };
    }

    void sent(long now) {
        if (sent == acknowledged) {
            since = now;
        }
        sent++;
    }

    /** Stops sending. The end of the batch is awaited. */
    void ending(long now) {
        phase = Phase.ENDING;
        since = now;
    }

    /**
     * Applies an acknowledgement. It includes all earlier ones, which may be lost.
     *
     * @return whether the acknowledgement can belong to this batch
     */
    boolean progressed(BatchReply.Progress progress, long now) {
        if (progress.sequence() < 0 || progress.sequence() > sent) {
            return false;
        }
        if (phase == Phase.STARTING) {
            phase = Phase.OPEN;
        }
        acknowledged = Math.max(acknowledged, progress.sequence());
        every = Math.min(progress.every(), flow);
        since = now;
        return true;
    }

    /** Returns the number of messages of the ingest that are certainly stored. */
    long stored() {
        return before + Math.min(acknowledged, Math.max(0, sent - 1));
    }

    /**
     * Returns the action that is due: after {@code timeout} if an answer is owed, after {@code linger} if none is owed.
     */
    Step due(long now, long timeout, long linger) {
        long quiet = now - since;
        if (sent == 0 || quiet < (owed() ? timeout : linger)) {
            return Step.NOTHING;
        }
        return open() ? Step.COMMIT : Step.GIVE_UP;
    }

    private boolean owed() {
        return phase != Phase.OPEN || sent - acknowledged >= every;
    }
}
