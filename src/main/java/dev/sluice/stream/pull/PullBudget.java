package dev.sluice.stream.pull;

import dev.sluice.stream.ConsumerInfo;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to pull and how much, so that a subscription never pulls more than downstream requested.
 *
 * <p><b>Aggregate.</b> A message does not identify its pull, and the server serves open pulls in turn. So the budget is
 * the sum of the messages that all open pulls may still deliver. Its distribution over the pulls is an estimate (oldest
 * first), which only decides when to send the next pull. A status that reports the rest of a pull corrects the
 * estimate.
 *
 * <p><b>Epochs.</b> After a reset no message of an earlier pull is expected. Pull numbers are never reused, so a status
 * of an earlier epoch is recognized by its number. Such a pull may still be open at the server; its messages are
 * accepted and counted against the new pulls. In the worst case one window of messages then waits for demand.
 *
 * <p><b>Bounds.</b> Messages and bytes. Each pull requests an equal share of the bytes, so that pulls can overlap. A
 * message larger than a share ends its pull. It is then pulled alone and without a byte limit, when no other pull is
 * open and no message waits.
 *
 * <p>Not thread-safe. Confined to one session's drain loop.
 */
final class PullBudget {

    private static final long TAKEN_FOR_DONE = -1;

    /** A pull to send; {@code maxBytes} is zero for no limit. */
    record Pull(long number, int batch, long maxBytes) {}

    private static final class Open {
        private final long number;
        private final long batch;
        private long remainder;

        private Open(long number, long batch) {
            this.number = number;
            this.batch = batch;
            this.remainder = batch;
        }
    }

    private final int messages;
    private final long bytes;
    private final int overlap;
    private final Deque<Open> open = new ArrayDeque<>();
    private int maxBatch = Integer.MAX_VALUE;
    private long maxBytes = Long.MAX_VALUE;
    private int maxOpen;
    private long nextNumber;
    private long epoch;
    private long outstanding;
    private long outstandingBytes;
    private boolean alone;

    /**
     * @param messages maximum number of outstanding and waiting messages
     * @param bytes maximum number of outstanding and waiting bytes
     * @param overlap maximum number of open pulls
     */
    PullBudget(int messages, long bytes, int overlap) {
        this.messages = messages;
        this.bytes = bytes;
        this.overlap = overlap;
        this.maxOpen = overlap;
    }

    /** Applies the consumer's limits from now on. */
    void setLimits(ConsumerInfo.PullLimits limits) {
        maxBatch = limits.maxBatch();
        maxBytes = limits.maxBytes();
        maxOpen = (int) Math.min(overlap, limits.maxWaiting());
    }

    /**
     * Returns the next pull to send and counts it as sent; null if none is due.
     *
     * @param demand requested messages that were neither emitted nor are waiting
     * @param waiting number of messages that wait for demand
     */
    @Nullable
    Pull next(long demand, int waiting, long waitingBytes) {
        long room = Math.min(messages - waiting, demand);
        long free = room - outstanding;
        long want = Math.min(free, maxBatch);
        boolean due = open.isEmpty() || (outstanding <= messages / 2 && free >= room / 4);
        if (want <= 0 || !due || open.size() >= maxOpen) {
            return null;
        }
        if (alone) {
            return open.isEmpty() && waiting == 0 ? sent(1, 0) : null;
        }
        long share = Math.min(Math.max(1, bytes / overlap), maxBytes);
        return outstandingBytes + waitingBytes + share <= bytes ? sent((int) want, share) : null;
    }

    private Pull sent(int batch, long byteLimit) {
        Pull pull = new Pull(number(), batch, byteLimit);
        open.add(new Open(pull.number(), batch));
        outstanding += batch;
        outstandingBytes += byteLimit;
        return pull;
    }

    /**
     * Counts a received message of {@code size} bytes, as the server counts them. A single pull has ended when its
     * bytes are used up; the server sends no status then.
     */
    void received(long size) {
        alone = false;
        outstandingBytes = Math.max(0, outstandingBytes - size);
        take(1, open.iterator());
        if (overlap == 1 && outstandingBytes == 0) {
            open.clear();
            settleIfIdle();
        }
    }

    /** Returns the number of a request that is no pull, in one sequence with those of the pulls. */
    long number() {
        return nextNumber++;
    }

    /** Ends a pull whose status reports the rest of the pull. */
    void ended(long number, long restMessages, long restBytes) {
        Open ended = remove(number);
        long estimated = ended == null ? 0 : ended.remainder;
        outstandingBytes = Math.max(0, outstandingBytes - Math.max(0, restBytes));
        outstanding -= estimated;
        if (estimated > restMessages) {
            owe(estimated - restMessages);
        } else {
            take(restMessages - estimated, open.descendingIterator());
        }
        settleIfIdle();
    }

    /**
     * Corrects the estimate: {@code count} messages were counted for the wrong pull, so the oldest owes as many more.
     */
    private void owe(long count) {
        if (open.isEmpty()) {
            open.add(new Open(TAKEN_FOR_DONE, count));
        } else {
            open.getFirst().remainder += count;
        }
        outstanding += count;
    }

    /** Ends a pull whose status does not report the rest. The rest is the estimate: all that was not received. */
    void ended(long number) {
        Open ended = remove(number);
        if (ended != null) {
            outstanding -= ended.remainder;
            settleIfIdle();
        }
    }

    /** As {@link #ended(long, long, long)}, for a pull that ended because the next message exceeds its byte limit. */
    void oversize(long number, long restMessages, long restBytes) {
        Open pull = find(number);
        boolean broughtNothing = pull != null && restMessages >= pull.batch;
        ended(number, restMessages, restBytes);
        alone = broughtNothing && open.isEmpty();
    }

    /** Starts a new epoch: no message of an earlier pull is expected. */
    void reset() {
        epoch = nextNumber;
        open.clear();
        alone = false;
        settleIfIdle();
    }

    private void take(long count, Iterator<Open> pulls) {
        long left = count;
        while (left > 0 && pulls.hasNext()) {
            Open pull = pulls.next();
            long taken = Math.min(left, pull.remainder);
            pull.remainder -= taken;
            outstanding -= taken;
            left -= taken;
            if (pull.remainder == 0) {
                pulls.remove();
            }
        }
        settleIfIdle();
    }

    /** Resets the sums if no pull is open: servers before 2.10 end a full batch without reporting its unused bytes. */
    private void settleIfIdle() {
        if (open.isEmpty()) {
            outstanding = 0;
            outstandingBytes = 0;
        }
    }

    private @Nullable Open find(long number) {
        for (Open pull : open) {
            if (pull.number == number) {
                return pull;
            }
        }
        return null;
    }

    private @Nullable Open remove(long number) {
        Open pull = find(number);
        if (pull != null) {
            open.remove(pull);
        }
        return pull;
    }

    /** Returns the number of messages that open pulls may still deliver. */
    long outstanding() {
        return outstanding;
    }

    int openPulls() {
        return open.size();
    }

    /** Returns the first pull number of this epoch. */
    long epoch() {
        return epoch;
    }
}
