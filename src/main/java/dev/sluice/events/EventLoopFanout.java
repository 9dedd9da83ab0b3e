package dev.sluice.events;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one event loop that have the same projection of a feed. Frames that arrive while the loop is busy are
 * collected, and each client receives them as one batch with one write.
 *
 * <p>Collecting needs no timer: the longer a round over all clients takes, the more frames are collected for the next
 * one. After each slice of clients the task yields, so that the loop continues to process requests, closes and
 * acknowledgements.
 *
 * <p>If a client throws, the batch is dropped for it and it is notified; the others receive the batch.
 *
 * <p>Concurrency: {@link #offer} is called by the thread that evaluates the feed's messages, one at a time, and
 * {@link #dropped} by any thread. All other methods are called on the event loop unless noted.
 */
final class EventLoopFanout {
    private static final Logger LOG = Logger.getLogger(EventLoopFanout.class);

    /** Clients written to per slice, before the loop serves its other connections. */
    private static final int SLICE = 32;

    /**
     * As {@link #SLICE}, while batches have several frames. The number is small because messages that the other
     * connections publish fill the next batch.
     */
    private static final int FILLING_SLICE = 4;

    /** Clients visited per slice: a client that takes nothing is cheap, but not free. */
    private static final int VISITS = 256;

    /** Maximum size of one batch in bytes, unless a single message is larger: many messages share one write. */
    private static final int MAX_BATCH = 128 * 1024;

    /** Number of batches that fit into a client's buffer. A batch is dropped as a whole, so several must fit. */
    private static final int BATCHES_PER_CLIENT = 4;

    private final EventLoop loop;
    private final Runnable beforeRound;
    private final long loopBuffer;
    private final long batchSize;

    /** Guards the collected frames and the state that belongs to them. */
    private final Object collecting = new Object();

    private List<Frame> collected = new ArrayList<>();
    private long collectedAfter;
    private long offered;
    private long collectedBytes;
    private long dropped;
    private boolean scheduled;

    private final MemberList<FeedSubscriber> subscribers = new MemberList<>();
    private long sent;

    /** @param beforeRound run on the event loop before the collected frames are sent */
    EventLoopFanout(EventLoop loop, EventsConfig config, Runnable beforeRound) {
        this.loop = loop;
        this.beforeRound = beforeRound;
        this.loopBuffer = config.loopBuffer().asLongValue();
        this.batchSize = Math.min(MAX_BATCH, config.clientBuffer().asLongValue() / BATCHES_PER_CLIENT);
    }

    EventLoop loop() {
        return loop;
    }

    /** Marks all frames up to {@code position} as sent. Called on the event loop, before the first frame is offered. */
    void begin(long position) {
        synchronized (collecting) {
            if (offered < position) {
                offered = position;
            }
        }
        sent = Math.max(sent, position);
    }

    /**
     * Returns the sequence up to which all frames were given to the clients, except those that fell behind. Called on
     * the event loop.
     */
    long sent() {
        return sent;
    }

    /** Returns whether so much is collected that no more should be requested. Called from any thread. */
    boolean crowded() {
        synchronized (collecting) {
            return collectedBytes > loopBuffer / 2;
        }
    }

    /**
     * Offers a frame to all clients. Frames beyond the loop's buffer are dropped for all of them. A frame that counts as
     * sent is skipped: the evaluation of the projection may lag behind the head at which the first client joined.
     */
    void offer(Frame frame) {
        synchronized (collecting) {
            if (countsAsSent(frame.sequence())) {
                return;
            }
            int size = frame.bytes().length;
            boolean full = collectedBytes > 0 && collectedBytes + size > loopBuffer;
            if (dropped > 0 || full) {
                dropped++;
            } else {
                if (collected.isEmpty()) {
                    collectedAfter = offered;
                }
                collected.add(frame);
                collectedBytes += size;
            }
            offered = frame.sequence();
            if (scheduled) {
                return;
            }
            scheduled = true;
        }
        loop.execute(this::round);
    }

    /** Records that {@code count} messages up to {@code through} were dropped for all clients, after the offered frames. */
    void dropped(long count, long through) {
        synchronized (collecting) {
            if (countsAsSent(through)) {
                return;
            }
            dropped += count;
            offered = through;
            if (scheduled) {
                return;
            }
            scheduled = true;
        }
        loop.execute(this::round);
    }

    void add(FeedSubscriber subscriber) {
        subscribers.add(subscriber);
    }

    void remove(FeedSubscriber subscriber) {
        subscribers.remove(subscriber);
    }

    boolean empty() {
        return subscribers.isEmpty();
    }

    void signalAll(Consumer<FeedSubscriber> notification) {
        subscribers.forEach(subscriber -> signal(subscriber, notification));
    }

    private boolean countsAsSent(long sequence) {
        return sequence > 0 && sequence <= offered;
    }

    private static void signal(FeedSubscriber subscriber, Consumer<FeedSubscriber> notification) {
        try {
            notification.accept(subscriber);
        } catch (Throwable fault) {
            LOG.error("A client of a tail could not be notified", fault);
        }
    }

    /** Sends all collected frames; frames that arrive meanwhile are sent in the next round. */
    private void round() {
        Round round;
        synchronized (collecting) {
            round = new Round(collected, collectedAfter, dropped, offered);
            collected = new ArrayList<>();
            collectedBytes = 0;
            dropped = 0;
        }
        try {
            beforeRound.run();
        } catch (Throwable fault) {
            LOG.error("More messages could not be requested from a feed", fault);
        }
        round.run();
    }

    /** Returns whether nothing was collected during the round; then the next frame schedules another one. */
    private boolean settled() {
        synchronized (collecting) {
            boolean nothing = collected.isEmpty() && dropped == 0;
            scheduled = !nothing;
            return nothing;
        }
    }

    /** One pass of the collected frames over all clients, batch by batch and one slice of clients at a time. */
    private final class Round implements Runnable {
        private final List<Frame> frames;
        private final long through;
        private long droppedAfter;

        private int next;
        private long after;
        private @Nullable SharedBatch batch;
        private int served;
        private int end;

        Round(List<Frame> frames, long after, long droppedAfter, long through) {
            this.frames = frames;
            this.after = after;
            this.droppedAfter = droppedAfter;
            this.through = through;
        }

        @Override
        public void run() {
            SharedBatch serving = batch;
            if (serving == null) {
                serving = nextBatch();
                if (serving == null) {
                    finish();
                    return;
                }
                batch = serving;
                served = 0;
                end = subscribers.beginPass();
            }
            serveSlice(serving);
            if (served < end) {
                yieldTo(this);
                return;
            }
            subscribers.endPass();
            batch = null;
            serving.release();
            if (next < frames.size()) {
                yieldTo(this);
            } else {
                finish();
            }
        }

        private void serveSlice(SharedBatch serving) {
            int writes = serving.writes() + (frames.size() == 1 ? SLICE : FILLING_SLICE);
            int visited = Math.min(end, served + VISITS);
            while (served < visited && serving.writes() < writes) {
                FeedSubscriber subscriber = subscribers.at(served++);
                if (subscriber != null) {
                    give(subscriber, serving);
                }
            }
        }

        private void give(FeedSubscriber subscriber, SharedBatch serving) {
            try {
                subscriber.take(serving);
            } catch (Throwable fault) {
                LOG.error("Messages could not be passed to a client of a tail", fault);
                signal(subscriber, failed -> failed.dropped(serving.events()));
            }
        }

        private void finish() {
            sent = Math.max(sent, through);
            if (droppedAfter > 0) {
                signalAll(subscriber -> subscriber.dropped(droppedAfter));
            }
            if (!settled()) {
                yieldTo(EventLoopFanout.this::round);
            }
        }

        /**
         * Returns the next batch. Returns null if there is none, or no memory for it: then the remaining frames are
         * dropped for all clients.
         */
        private @Nullable SharedBatch nextBatch() {
            int from = next;
            if (from == frames.size()) {
                return null;
            }
            int size = frames.get(next++).bytes().length;
            while (next < frames.size() && size + frames.get(next).bytes().length <= batchSize) {
                size += frames.get(next++).bytes().length;
            }
            try {
                SharedBatch made = SharedBatch.of(frames.subList(from, next), size, after);
                after = made.last();
                sent = Math.max(sent, after);
                return made;
            } catch (Throwable fault) {
                LOG.errorf(fault, "Not enough memory to send %d messages to clients", frames.size() - from);
                droppedAfter += frames.size() - from;
                next = frames.size();
                return null;
            }
        }

        /** Schedules the task. A scheduled task, unlike a submitted one, runs after the loop has polled its sockets. */
        private void yieldTo(Runnable task) {
            loop.schedule(task, 0, TimeUnit.NANOSECONDS);
        }
    }
}
