package dev.sluice.events;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The messages that one filtered view of a feed has not looked at yet. The feed's thread only puts them here, and a
 * worker evaluates the filter: a view that is slow falls behind alone. After each slice of time the worker turns to the
 * other views.
 *
 * <p>It is bounded. What does not fit is lost to this view, and so is what comes until the queue is empty again; then the
 * view is told once how much that was.
 *
 * <p>Concurrency: {@link #offer} by the feed's thread; the view is called by one worker at a time.
 */
final class FilterQueue implements Runnable {
    private static final Logger LOG = Logger.getLogger(FilterQueue.class);
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(1);

    /** Who looks at the messages. */
    interface Listener {
        void evaluate(FeedMessage message);

        /** {@code count} messages up to {@code through} were not looked at. */
        void lost(long count, long through);
    }

    private final Listener listener;
    private final Executor workers;
    private final long maxBytes;

    private final Queue<FeedMessage> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private long lost;
    private long lostThrough;
    private boolean scheduled;
    private boolean closed;

    /** @param maxBytes most bytes that wait; one larger message passes when nothing else waits */
    FilterQueue(Listener listener, Executor workers, long maxBytes) {
        this.listener = listener;
        this.workers = workers;
        this.maxBytes = maxBytes;
    }

    /** Never blocks. */
    void offer(FeedMessage message) {
        synchronized (this) {
            if (closed) {
                return;
            }
            long size = message.message().size();
            if (lost > 0 || (!waiting.isEmpty() && waitingBytes + size > maxBytes)) {
                lost++;
                lostThrough = message.sequence();
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

    /** Nobody has this view any more. */
    synchronized void close() {
        closed = true;
        waiting.clear();
        waitingBytes = 0;
        lost = 0;
    }

    @Override
    public void run() {
        long end = System.nanoTime() + SLICE;
        do {
            FeedMessage next = next();
            if (next != null) {
                evaluate(next);
            } else if (!tellLost()) {
                return;
            }
        } while (System.nanoTime() - end < 0);
        workers.execute(this);
    }

    /** A message that cannot be evaluated is lost to this view, and keeps nobody from the next one. */
    private void evaluate(FeedMessage message) {
        try {
            listener.evaluate(message);
        } catch (Throwable fault) {
            LOG.errorf(
                    fault,
                    "A filter failed on a message of %s",
                    message.message().subject());
            listener.lost(1, message.sequence());
        }
    }

    private synchronized @Nullable FeedMessage next() {
        FeedMessage next = waiting.poll();
        if (next != null) {
            waitingBytes -= next.message().size();
        }
        return next;
    }

    /** False when there is nothing to do any more until the next message. */
    private boolean tellLost() {
        long count;
        long through;
        synchronized (this) {
            if (!waiting.isEmpty()) {
                return true;
            }
            count = lost;
            through = lostThrough;
            lost = 0;
            if (count == 0) {
                scheduled = false;
                return false;
            }
        }
        listener.lost(count, through);
        return true;
    }
}
