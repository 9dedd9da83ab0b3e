package dev.sluice.events;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The messages that one filtered projection of a feed has not evaluated yet. The feed's thread only adds messages, and
 * a worker evaluates the filter: a slow projection falls behind alone. After each time slice the worker turns to the
 * other projections.
 *
 * <p>The queue is bounded. A message that does not fit is dropped for this projection, and so are all further
 * messages until the queue is empty again. Then the listener is notified once of their number.
 *
 * <p>Concurrency: {@link #offer} is called by the feed's thread, {@link #dropped} by any thread, the listener by one
 * worker at a time.
 */
final class FilterQueue implements Runnable {
    private static final Logger LOG = Logger.getLogger(FilterQueue.class);
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(1);

    /** Evaluates the messages. */
    interface Listener {
        void evaluate(FeedMessage message);

        /** Reports that {@code count} messages up to {@code through} were not evaluated. */
        void dropped(long count, long through);
    }

    private final Listener listener;
    private final Executor workers;
    private final long maxBytes;

    private final Queue<FeedMessage> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private long dropped;
    private long droppedThrough;
    private boolean scheduled;
    private boolean closed;

    /** @param maxBytes maximum number of bytes that wait; a single larger message is accepted if nothing else waits */
    FilterQueue(Listener listener, Executor workers, long maxBytes) {
        this.listener = listener;
        this.workers = workers;
        this.maxBytes = maxBytes;
    }

    /** Adds a message. Never blocks. */
    void offer(FeedMessage message) {
        synchronized (this) {
            if (closed) {
                return;
            }
            long size = message.message().size();
            if (dropped > 0 || (!waiting.isEmpty() && waitingBytes + size > maxBytes)) {
                dropped++;
                droppedThrough = message.sequence();
            } else {
                waiting.add(message);
                waitingBytes += size;
            }
            if (scheduled) {
                return;
            }
            scheduled = true;
        }
        workers.execute(this);
    }

    /** Records that a message of a core source was dropped, after the added ones. */
    void dropped() {
        synchronized (this) {
            if (closed) {
                return;
            }
            dropped++;
            droppedThrough = 0;
            if (scheduled) {
                return;
            }
            scheduled = true;
        }
        workers.execute(this);
    }

    /** Returns whether all added messages are evaluated, and drops reported. */
    synchronized boolean idle() {
        return !scheduled;
    }

    /** Discards all messages. Called after the last client has left. */
    synchronized void close() {
        closed = true;
        waiting.clear();
        waitingBytes = 0;
        dropped = 0;
    }

    @Override
    public void run() {
        long end = System.nanoTime() + SLICE;
        do {
            FeedMessage next = next();
            if (next != null) {
                evaluate(next);
            } else if (!reportDropped()) {
                return;
            }
        } while (System.nanoTime() - end < 0);
        workers.execute(this);
    }

    /** Evaluates a message. A message that fails is dropped for this projection; the next one is evaluated nevertheless. */
    private void evaluate(FeedMessage message) {
        try {
            listener.evaluate(message);
        } catch (Throwable fault) {
            LOG.errorf(
                    fault,
                    "A filter failed on a message of %s",
                    message.message().subject());
            listener.dropped(1, message.sequence());
        }
    }

    private synchronized @Nullable FeedMessage next() {
        FeedMessage next = waiting.poll();
        if (next != null) {
            waitingBytes -= next.message().size();
        }
        return next;
    }

    /**
     * Reports the dropped messages if the queue is empty. Returns false if there is nothing to do until the next message.
     */
    private boolean reportDropped() {
        long count;
        long through;
        synchronized (this) {
            if (!waiting.isEmpty()) {
                return true;
            }
            count = dropped;
            through = droppedThrough;
            dropped = 0;
            if (count == 0) {
                scheduled = false;
                return false;
            }
        }
        listener.dropped(count, through);
        return true;
    }
}
