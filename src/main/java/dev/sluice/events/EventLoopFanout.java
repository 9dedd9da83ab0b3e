package dev.sluice.events;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one event loop that have the same view of a feed. What arrives while the loop is busy
 * gathers, and goes to every client as one burst with one write.
 *
 * <p>Gathering needs no timer: the longer a round over all clients takes, the more has gathered for the next. After
 * each slice of clients the loop is given back, so that it goes on reading requests, closes and acknowledgements.
 *
 * <p>A client that throws has lost that burst, and is told so; the others get it.
 *
 * <p>Concurrency: {@link #offer} and {@link #lose} are called by whoever shows the feed's messages, one at a time,
 * everything else on the event loop.
 */
final class EventLoopFanout {
    private static final Logger LOG = Logger.getLogger(EventLoopFanout.class);

    /** Clients written to before the loop may turn to its other connections: few, for what they publish fills the next burst. */
    private static final int SLICE = 4;

    /** Clients looked at in one slice: one that takes nothing costs little, but not nothing. */
    private static final int VISITS = 256;

    /** Most bytes of one burst, unless a single message is larger: many messages for one write. */
    private static final int MAX_BURST = 128 * 1024;

    /** A burst is dropped as a whole, so several have to fit into what may wait for a client. */
    private static final int BURSTS_PER_CLIENT = 4;

    private final EventLoop loop;
    private final Runnable whenTaken;
    private final long loopBuffer;
    private final long burstSize;

    private final Object gathering = new Object();
    private List<Frame> gathered = new ArrayList<>();
    private long gatheredAfter;
    private long offered;
    private long gatheredBytes;
    private long lost;
    private boolean scheduled;

    private final MemberList<FeedSubscriber> subscribers = new MemberList<>();
    private long sent;

    /** @param whenTaken run on the event loop whenever what has gathered is about to be sent */
    EventLoopFanout(EventLoop loop, EventsConfig config, Runnable whenTaken) {
        this.loop = loop;
        this.whenTaken = whenTaken;
        this.loopBuffer = config.loopBuffer().asLongValue();
        this.burstSize = Math.min(MAX_BURST, config.clientBuffer().asLongValue() / BURSTS_PER_CLIENT);
    }

    EventLoop loop() {
        return loop;
    }

    /** All frames up to {@code position} count as sent; before the first one is offered, on the event loop. */
    void begin(long position) {
        synchronized (gathering) {
            if (offered < position) {
                offered = position;
            }
        }
        sent = Math.max(sent, position);
    }

    /** The sequence up to which all frames were given to the clients, but those that fell behind. On the event loop. */
    long sent() {
        return sent;
    }

    /** Whether so much has gathered that no more should come; from any thread. */
    boolean crowded() {
        synchronized (gathering) {
            return gatheredBytes > loopBuffer / 2;
        }
    }

    /**
     * Takes a frame for all clients. Frames beyond the loop's buffer are lost to all of them. One that counts as sent is
     * passed over: its view may be behind the head at which the first client joined.
     */
    void offer(Frame frame) {
        synchronized (gathering) {
            if (countsAsSent(frame.sequence())) {
                return;
            }
            int size = frame.bytes().length;
            boolean full = gatheredBytes > 0 && gatheredBytes + size > loopBuffer;
            if (lost > 0 || full) {
                lost++;
            } else {
                if (gathered.isEmpty()) {
                    gatheredAfter = offered;
                }
                gathered.add(frame);
                gatheredBytes += size;
            }
            offered = frame.sequence();
            if (scheduled) {
                return;
            }
            scheduled = true;
        }
        loop.execute(this::round);
    }

    /** {@code count} messages up to {@code through} are lost to all clients, behind what was offered. */
    void lose(long count, long through) {
        synchronized (gathering) {
            if (countsAsSent(through)) {
                return;
            }
            lost += count;
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

    void tellAll(Consumer<FeedSubscriber> news) {
        subscribers.forEach(subscriber -> tell(subscriber, news));
    }

    private boolean countsAsSent(long sequence) {
        return sequence > 0 && sequence <= offered;
    }

    private static void tell(FeedSubscriber subscriber, Consumer<FeedSubscriber> news) {
        try {
            news.accept(subscriber);
        } catch (Throwable fault) {
            LOG.error("A client of an event stream could not be told something", fault);
        }
    }

    /** Sends everything that has gathered; whatever comes meanwhile is for the next round. */
    private void round() {
        Round round;
        synchronized (gathering) {
            if (gathered.isEmpty() && lost == 0) {
                scheduled = false;
                return;
            }
            round = new Round(gathered, gatheredAfter, lost, offered);
            gathered = new ArrayList<>();
            gatheredBytes = 0;
            lost = 0;
        }
        try {
            whenTaken.run();
        } catch (Throwable fault) {
            LOG.error("A feed could not be asked for more", fault);
        }
        round.run();
    }

    /** One pass of what had gathered over all clients, burst by burst, a slice of clients at a time. */
    private final class Round implements Runnable {
        private final List<Frame> frames;
        private final long through;
        private long lostBehind;

        private int next;
        private long after;
        private @Nullable SharedBatch batch;
        private int served;
        private int end;

        Round(List<Frame> frames, long after, long lostBehind, long through) {
            this.frames = frames;
            this.after = after;
            this.lostBehind = lostBehind;
            this.through = through;
        }

        @Override
        public void run() {
            SharedBatch serving = batch;
            if (serving == null) {
                serving = nextBurst();
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
            int writes = serving.writes() + SLICE;
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
                LOG.error("A client of an event stream did not take its messages", fault);
                tell(subscriber, failed -> failed.lose(serving.events()));
            }
        }

        private void finish() {
            sent = through;
            if (lostBehind > 0) {
                tellAll(subscriber -> subscriber.lose(lostBehind));
            }
            yieldTo(EventLoopFanout.this::round);
        }

        /** Null if there is none, or no memory for it: then what is left is lost to all. */
        private @Nullable SharedBatch nextBurst() {
            int from = next;
            if (from == frames.size()) {
                return null;
            }
            int size = frames.get(next++).bytes().length;
            while (next < frames.size() && size + frames.get(next).bytes().length <= burstSize) {
                size += frames.get(next++).bytes().length;
            }
            try {
                SharedBatch made = SharedBatch.of(frames.subList(from, next), size, after);
                after = made.last();
                sent = after;
                return made;
            } catch (Throwable fault) {
                LOG.errorf(fault, "There is no memory for %d messages to clients", frames.size() - from);
                lostBehind += frames.size() - from;
                next = frames.size();
                return null;
            }
        }

        /** A scheduled task, unlike a submitted one, runs after the loop has looked at its sockets. */
        private void yieldTo(Runnable task) {
            loop.schedule(task, 0, TimeUnit.NANOSECONDS);
        }
    }
}
