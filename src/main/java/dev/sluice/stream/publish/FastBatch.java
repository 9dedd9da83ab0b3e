package dev.sluice.stream.publish;

/**
 * How far one fast-ingest batch has come (ADR-50): what may be sent, what is stored, what is due. Sequences are the
 * batch's own, from 1; times are {@link System#nanoTime()}. Not thread-safe.
 *
 * <p>The last message that was sent counts as stored only when a later one is, or the batch has ended: so the last word
 * of an ingest comes from the end of a batch, which alone tells where in the stream it is.
 */
final class FastBatch {

    /** What to do now. */
    enum Step {
        NOTHING,
        /** End it: nobody will acknowledge the rest otherwise, or an acknowledgement is missing. */
        COMMIT,
        /** Not even an answer to its start or end has come. */
        GIVE_UP
    }

    private enum Phase {
        STARTING,
        OPEN,
        ENDING
    }

    /** ADR-50: while the server works on one share of the messages, the next is on its way. */
    private static final int OUTSTANDING_ACKS = 2;

    private final long before;
    private final int flow;
    private Phase phase = Phase.STARTING;
    private int every;
    private long sent;
    private long acknowledged;
    private long since;

    /**
     * @param before how many messages of the ingest are stored before it
     * @param flow after how many messages an acknowledgement is to come at the latest
     */
    FastBatch(long before, int flow) {
        this.before = before;
        this.flow = flow;
        this.every = flow;
    }

    /** The message of the ingest that has {@code sequence} in this batch. */
    long message(long sequence) {
        return before + sequence;
    }

    long sent() {
        return sent;
    }

    /** Whether the server has not answered yet, and so may not even know batches. */
    boolean starting() {
        return phase == Phase.STARTING;
    }

    boolean open() {
        return phase == Phase.OPEN;
    }

    /** Whether it takes one more now: the first alone, and then as many as the server keeps up with. */
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

    /** Nothing more is sent; its end is awaited. */
    void ending(long now) {
        phase = Phase.ENDING;
        since = now;
    }

    /**
     * Takes in an acknowledgement; later ones include earlier ones, which may be lost.
     *
     * @return whether it can be about this batch
     */
    boolean progressed(FlowAnswer.Progress told, long now) {
        if (told.sequence() < 0 || told.sequence() > sent) {
            return false;
        }
        if (phase == Phase.STARTING) {
            phase = Phase.OPEN;
        }
        acknowledged = Math.max(acknowledged, told.sequence());
        every = Math.min(told.every(), flow);
        since = now;
        return true;
    }

    /** How many messages of the ingest are stored for certain. */
    long stored() {
        return before + Math.min(acknowledged, Math.max(0, sent - 1));
    }

    /** What is due: after {@code timeout} without an answer that is owed, or {@code linger} with none owed. */
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
