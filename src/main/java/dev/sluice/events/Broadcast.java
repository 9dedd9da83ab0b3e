package dev.sluice.events;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The clients of one event loop that watch the same feed in the same format. What arrives while the loop is busy
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

    private final EventFormat format;
    private final EventLoop loop;
    private final long loopBuffer;
    private final long burstSize;

    private final Object gathering = new Object();
    private List<byte[]> gathered = new ArrayList<>();
    private long gatheredBytes;
    private long lost;
    private boolean scheduled;

    private Tail[] tails = {};

    Broadcast(EventFormat format, EventLoop loop, EventsConfig config) {
        this.format = format;
        this.loop = loop;
        this.loopBuffer = config.loopBuffer().asLongValue();
        this.burstSize = Math.min(MAX_BURST, config.clientBuffer().asLongValue() / BURSTS_PER_CLIENT);
    }

    EventFormat format() {
        return format;
    }

    EventLoop loop() {
        return loop;
    }

    /** Takes a frame for all clients, from any thread. Frames beyond the loop's buffer are lost to all of them. */
    void offer(byte[] frame) {
        synchronized (gathering) {
            boolean full = gatheredBytes > 0 && gatheredBytes + frame.length > loopBuffer;
            if (lost > 0 || full) {
                lost++;
            } else {
                gathered.add(frame);
                gatheredBytes += frame.length;
            }
            if (scheduled) {
                return;
            }
            scheduled = true;
        }
        loop.execute(this::round);
    }

    void add(Tail tail) {
        tails = Arrays.copyOf(tails, tails.length + 1);
        tails[tails.length - 1] = tail;
    }

    void remove(Tail tail) {
        tails = Arrays.stream(tails).filter(other -> other != tail).toArray(Tail[]::new);
    }

    boolean empty() {
        return tails.length == 0;
    }

    void tellStatus(byte[] frame) {
        for (Tail tail : tails) {
            tail.tellStatus(frame);
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
            round = new Round(gathered, lost);
            gathered = new ArrayList<>();
            gatheredBytes = 0;
            lost = 0;
        }
        round.run();
    }

    /** One pass of what had gathered over all clients, burst by burst, a slice of clients at a time. */
    private final class Round implements Runnable {
        private final List<byte[]> frames;
        private final long lostBehind;

        private int next;
        private Burst burst;
        private Tail[] receivers = tails;
        private int sent;

        Round(List<byte[]> frames, long lostBehind) {
            this.frames = frames;
            this.lostBehind = lostBehind;
            this.burst = nextBurst();
        }

        @Override
        public void run() {
            int end = Math.min(sent + SLICE, receivers.length);
            for (; sent < end; sent++) {
                receivers[sent].send(burst);
            }
            if (sent < receivers.length) {
                yieldTo(this);
                return;
            }
            burst.release();
            if (next < frames.size()) {
                burst = nextBurst();
                receivers = tails;
                sent = 0;
                yieldTo(this);
            } else {
                for (Tail tail : tails) {
                    tail.lose(lostBehind);
                }
                yieldTo(Broadcast.this::round);
            }
        }

        private Burst nextBurst() {
            int from = next;
            int size = frames.get(next++).length;
            while (next < frames.size() && size + frames.get(next).length <= burstSize) {
                size += frames.get(next++).length;
            }
            return Burst.of(frames.subList(from, next), size);
        }

        /** A scheduled task, unlike a submitted one, runs after the loop has looked at its sockets. */
        private void yieldTo(Runnable task) {
            loop.schedule(task, 0, TimeUnit.NANOSECONDS);
        }
    }
}
