package dev.sluice.events;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One client's open event stream. It knows how many bytes the socket has not taken yet, and stays within its bound by
 * dropping whole bursts, which it counts and tells as soon as the client reads again.
 *
 * <p>A client that fell behind gets messages again when half of its buffer is free, so that it is told once per episode
 * and not once per message. Only the client's event loop touches a tail.
 */
final class Tail {
    private static final Logger LOG = Logger.getLogger(Tail.class);

    private enum State {
        OPEN,
        ENDING,
        GONE
    }

    private final String watched;
    private final HttpServerResponse response;
    private final long bufferSize;
    private final LongAdder droppedByAll;

    private State state = State.OPEN;
    private long unsent;
    private long dropped;
    private boolean behind;
    private byte @Nullable [] status;
    private boolean statusUntold;
    private long lastWrite = System.nanoTime();
    private final CloseReason endOfLife;
    private long endsAt;
    private Runnable whenGone = () -> {};

    Tail(String watched, HttpServerResponse response, long bufferSize, Lifetime lifetime, LongAdder droppedByAll) {
        this.watched = watched;
        this.response = response;
        this.bufferSize = bufferSize;
        this.droppedByAll = droppedByAll;
        this.endOfLife = lifetime.end();
        this.endsAt = lastWrite + lifetime.span().toNanos();
    }

    /** Sends the burst, or drops it if the client is behind. */
    void send(Burst burst) {
        if (state != State.OPEN) {
            return;
        }
        if (behind || (unsent > 0 && unsent + burst.size() > bufferSize)) {
            lose(burst.events());
            return;
        }
        write(burst.retain(), burst.size(), burst::release);
    }

    /** Messages that did not even reach this tail are gone. */
    void lose(long events) {
        if (state == State.OPEN && events > 0) {
            behind = true;
            dropped += events;
            droppedByAll.add(events);
            catchUp();
        }
    }

    void tellStatus(byte[] frame) {
        if (state == State.OPEN && status != frame) {
            if (status == null) {
                LOG.debugf("A client watches %s", watched);
            }
            status = frame;
            statusUntold = behind;
            if (!behind) {
                write(frame);
            }
        }
    }

    /** Writes a frame that must not be dropped; {@code taken} is run when the socket has it, if it ever does. */
    void write(byte[] frame, Runnable taken) {
        if (state == State.OPEN) {
            write(Buffer.buffer(frame), frame.length, taken);
        }
    }

    void write(byte[] frame) {
        write(Buffer.buffer(frame), frame.length, () -> {});
    }

    /** Keeps a silent stream alive, ends one that has lived long enough, cuts one that does not take its end. */
    void tick(long now, long heartbeatNanos, Duration closeTimeout) {
        if (state == State.OPEN) {
            if (now - endsAt >= 0) {
                end(endOfLife, closeTimeout);
            } else if (unsent == 0 && now - lastWrite >= heartbeatNanos) {
                write(ControlEvents.HEARTBEAT);
            }
        } else if (state == State.ENDING && now - endsAt >= 0) {
            response.reset();
            gone();
        }
    }

    /** Says why, then ends the response; a client that does not read that within {@code timeout} is cut off. */
    void end(CloseReason reason, Duration timeout) {
        if (state == State.OPEN) {
            if (dropped > 0) {
                write(ControlEvents.dropped(dropped));
            }
            write(ControlEvents.closed(reason));
            state = State.ENDING;
            endsAt = System.nanoTime() + timeout.toNanos();
            response.end().onComplete(written -> gone());
        }
    }

    /** Runs {@code cleanup} once: when the stream has ended, however it ended. */
    void whenGone(Runnable cleanup) {
        whenGone = cleanup;
        response.exceptionHandler(failure -> gone());
        response.closeHandler(closed -> gone());
    }

    private void gone() {
        if (state != State.GONE) {
            state = State.GONE;
            whenGone.run();
        }
    }

    private void write(Buffer bytes, int size, Runnable written) {
        unsent += size;
        lastWrite = System.nanoTime();
        response.write(bytes).onComplete(result -> {
            unsent -= size;
            written.run();
            catchUp();
        });
    }

    private void catchUp() {
        if (behind && state == State.OPEN && unsent <= bufferSize / 2) {
            behind = false;
            byte[] told = ControlEvents.dropped(dropped);
            dropped = 0;
            write(told);
            byte[] now = status;
            if (statusUntold && now != null) {
                statusUntold = false;
                write(now);
            }
        }
    }
}
