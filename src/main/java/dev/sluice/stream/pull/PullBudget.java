package dev.sluice.stream.pull;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to pull, and how much: the arithmetic behind never asking for more than was requested.
 *
 * <p><b>Aggregate.</b> A message does not say which pull it answers, and the server serves open pulls in turn. So what
 * counts is the sum that all open pulls may still bring. How it is spread over them is an estimate (oldest first) that
 * only decides when the next pull may go out; a status that tells the truth about one pull corrects it.
 *
 * <p><b>Epochs.</b> After a reset nothing that was asked before is expected any more. Pulls are numbered once and for
 * all, so a status of an earlier epoch is known by its number. Such a pull may have survived at the server; its messages
 * are accepted and count as if the new pulls had brought them, which at worst makes one window wait in the queue.
 *
 * <p><b>Bounds.</b> Messages and bytes. A pull asks for an equal share of the bytes, so that pulls can overlap. A message
 * larger than a share ends its pull; once nothing else is open or waits, it is asked for alone, without a byte limit.
 *
 * <p>Not thread-safe: one session's drain loop owns it.
 */
final class PullBudget {

    private static final long TAKEN_FOR_DONE = -1;

    /** A pull to be sent; {@code maxBytes} zero for no limit. */
    record Pull(long number, int batch, long maxBytes) {}

    private static final class Open {
        private final long number;
        private final long batch;
        private long rest;

        private Open(long number, long batch) {
            this.number = number;
            this.batch = batch;
            this.rest = batch;
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
     * @param messages asked for and waiting at once, at most
     * @param bytes the same in bytes
     * @param overlap pulls open at once, at most
     */
    PullBudget(int messages, long bytes, int overlap) {
        this.messages = messages;
        this.bytes = bytes;
        this.overlap = overlap;
        this.maxOpen = overlap;
    }

    /** Keeps to a consumer's own limits from now on. */
    void obey(ConsumerFacts facts) {
        maxBatch = facts.maxBatch();
        maxBytes = facts.maxBytes();
        maxOpen = (int) Math.min(overlap, facts.maxWaiting());
    }

    /**
     * The next pull to send, counted as sent; null if none is due.
     *
     * @param demand what downstream requested and neither got nor finds waiting
     * @param waiting messages that wait for demand
     */
    @Nullable
    Pull next(long demand, int waiting, long waitingBytes) {
        long want = Math.min(Math.min(messages - waiting, demand) - outstanding, maxBatch);
        boolean due = open.isEmpty() || outstanding <= messages / 2;
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
        Pull pull = new Pull(nextNumber++, batch, byteLimit);
        open.add(new Open(pull.number(), batch));
        outstanding += batch;
        outstandingBytes += byteLimit;
        return pull;
    }

    /** A message came, of {@code size} bytes as the server counts them. */
    void received(long size) {
        alone = false;
        outstandingBytes = Math.max(0, outstandingBytes - size);
        take(1, open.iterator());
    }

    /** The server ended a pull and says what it left. */
    void ended(long number, long restMessages, long restBytes) {
        Open ended = remove(number);
        long estimated = ended == null ? 0 : ended.rest;
        outstandingBytes = Math.max(0, outstandingBytes - Math.max(0, restBytes));
        outstanding -= estimated;
        if (estimated > restMessages) {
            owe(estimated - restMessages);
        } else {
            take(restMessages - estimated, open.descendingIterator());
        }
        settleIfIdle();
    }

    /** Messages that were counted as another pull's: the oldest one still has to bring as many more. */
    private void owe(long count) {
        if (open.isEmpty()) {
            open.add(new Open(TAKEN_FOR_DONE, count));
        } else {
            open.getFirst().rest += count;
        }
        outstanding += count;
    }

    /** The server ended a pull and does not say what it left: all that it was not yet seen to bring. */
    void ended(long number) {
        Open ended = remove(number);
        if (ended != null) {
            outstanding -= ended.rest;
            settleIfIdle();
        }
    }

    /** As {@link #ended(long, long, long)}, because the next message does not fit in the pull's bytes. */
    void oversize(long number, long restMessages, long restBytes) {
        Open pull = find(number);
        boolean broughtNothing = pull != null && restMessages >= pull.batch;
        ended(number, restMessages, restBytes);
        alone = broughtNothing && open.isEmpty();
    }

    /** Begins a new epoch: whatever was asked for is not expected any more. */
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
            long taken = Math.min(left, pull.rest);
            pull.rest -= taken;
            outstanding -= taken;
            left -= taken;
            if (pull.rest == 0) {
                pulls.remove();
            }
        }
        settleIfIdle();
    }

    /** Nothing is expected: servers before 2.10 end a full batch without telling what it left of its bytes. */
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

    /** Messages that open pulls may still bring. */
    long outstanding() {
        return outstanding;
    }

    int openPulls() {
        return open.size();
    }

    /** The first pull number of this epoch. */
    long epoch() {
        return epoch;
    }
}
