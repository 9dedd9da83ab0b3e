package dev.sluice.events;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The clients of one event loop that have the same view of a feed. What arrives while the loop is busy
 * gathers, and goes to every client as one burst with one write.
 *
 * <p>Gathering needs no timer: the longer a round over all clients takes, the more has gathered for the next. After
 * each slice of clients the loop is given back, so that it goes on reading requests, closes and acknowledgements.
 *
 * <p>Concurrency: {@link #offer} is called by the feed's thread, everything else on the event loop.
 */
final class Broadcast {
    /** Clients written to before the loop may turn to its other connections: few, for what they publish fills the next burst. */
    private static final int SLICE = 4;

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

    private Receiver[] receivers = {};
    private long sent;

    /** @param whenTaken run on the event loop whenever what has gathered is about to be sent */
    Broadcast(EventLoop loop, EventsConfig config, Runnable whenTaken) {
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

    /** Takes a frame for all clients, from any thread. Frames beyond the loop's buffer are lost to all of them. */
    void offer(Frame frame) {
        synchronized (gathering) {
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

    void add(Receiver receiver) {
        receivers = Arrays.copyOf(receivers, receivers.length + 1);
        receivers[receivers.length - 1] = receiver;
    }

    void remove(Receiver receiver) {
        receivers = Arrays.stream(receivers).filter(other -> other != receiver).toArray(Receiver[]::new);
    }

    boolean empty() {
        return receivers.length == 0;
    }

    void tellAll(Consumer<Receiver> news) {
        for (Receiver receiver : receivers) {
            news.accept(receiver);
        }
    }

    /** Sends everything that has gathered; whatever comes meanwhile is for the next round. */
    private void round() {
        Round round;
        synchronized (gathering) {
            if (gathered.isEmpty()) {
                scheduled = false;
                return;
            }
            round = new Round(gathered, gatheredAfter, lost, offered);
            gathered = new ArrayList<>();
            gatheredBytes = 0;
            lost = 0;
        }
        whenTaken.run();
        round.run();
    }

    /** One pass of what had gathered over all clients, burst by burst, a slice of clients at a time. */
    private final class Round implements Runnable {
        private final List<Frame> frames;
        private final long lostBehind;
        private final long through;

        private int next;
        private long after;
        private Burst burst;
        private Receiver[] targets = receivers;
        private int served;

        Round(List<Frame> frames, long after, long lostBehind, long through) {
            this.frames = frames;
            this.after = after;
            this.lostBehind = lostBehind;
            this.through = through;
            this.burst = nextBurst();
        }

        @Override
        public void run() {
            int end = Math.min(served + SLICE, targets.length);
            for (; served < end; served++) {
                targets[served].take(burst);
            }
            if (served < targets.length) {
                yieldTo(this);
                return;
            }
            burst.release();
            if (next < frames.size()) {
                burst = nextBurst();
                targets = receivers;
                served = 0;
                yieldTo(this);
            } else {
                sent = through;
                if (lostBehind > 0) {
                    tellAll(receiver -> receiver.lose(lostBehind));
                }
                yieldTo(Broadcast.this::round);
            }
        }

        private Burst nextBurst() {
            int from = next;
            int size = frames.get(next++).bytes().length;
            while (next < frames.size() && size + frames.get(next).bytes().length <= burstSize) {
                size += frames.get(next++).bytes().length;
            }
            Burst made = Burst.of(frames.subList(from, next), size, after);
            after = made.last();
            sent = after;
            return made;
        }

        /** A scheduled task, unlike a submitted one, runs after the loop has looked at its sockets. */
        private void yieldTo(Runnable task) {
            loop.schedule(task, 0, TimeUnit.NANOSECONDS);
        }
    }
}
