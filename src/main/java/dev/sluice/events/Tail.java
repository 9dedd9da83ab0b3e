package dev.sluice.events;

import dev.sluice.flow.ResponseEnd;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One client's open event stream: its socket, and how many bytes that has not taken yet. What a feed brings goes through
 * a {@link Receiver}, which keeps to the bound. Only the client's event loop touches a tail.
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

    private State state = State.OPEN;
    private Receiver receiver = Receiver.NONE;
    private long unsent;
    private byte @Nullable [] status;
    private boolean statusUntold;
    private long lastWrite = System.nanoTime();
    private final CloseReason endOfLife;
    private long endsAt;
    private Runnable whenGone = () -> {};

    Tail(String watched, HttpServerResponse response, long bufferSize, Lifetime lifetime) {
        this.watched = watched;
        this.response = response;
        this.bufferSize = bufferSize;
        this.endOfLife = lifetime.end();
        this.endsAt = lastWrite + lifetime.span().toNanos();
    }

    /** Who is told of relief and of the end from now on. */
    void serve(Receiver someReceiver) {
        receiver = someReceiver;
    }

    boolean open() {
        return state == State.OPEN;
    }

    /** Whether {@code size} more bytes are within the bound; anything is when nothing else waits. */
    boolean takes(long size) {
        return unsent == 0 || unsent + size <= bufferSize;
    }

    boolean halfFree() {
        return unsent <= bufferSize / 2;
    }

    /** The latest status, at once or when the client reads again. */
    void tellStatus(byte[] frame) {
        if (open() && status != frame) {
            if (status == null) {
                LOG.debugf("A client watches %s", watched);
            }
            status = frame;
            statusUntold = true;
            tellStatus();
        }
    }

    /** Writes a frame that must not be dropped; {@code taken} is run when the socket has it, if it ever does. */
    void write(byte[] frame, Runnable taken) {
        if (open()) {
            write(Buffer.buffer(frame), frame.length, taken);
        }
    }

    void write(byte[] frame) {
        write(frame, () -> {});
    }

    void write(Burst burst) {
        if (open()) {
            write(burst.retain(), burst.size(), burst::release);
        }
    }

    /** As {@link #write(Burst)}, without what is not behind {@code position}. */
    void write(Burst burst, long position) {
        if (open()) {
            Buffer rest = burst.retain(position);
            write(rest, rest.length(), burst::release);
        }
    }

    /** Keeps a silent stream alive, ends one that has lived long enough, cuts one that does not take its end. */
    void tick(long now, long heartbeatNanos, Duration closeTimeout) {
        if (open()) {
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
        if (open()) {
            receiver.ending();
            write(ControlEvents.closed(reason));
            state = State.ENDING;
            endsAt = System.nanoTime() + timeout.toNanos();
            response.end().onComplete(written -> gone());
        }
    }

    /** Runs {@code cleanup} once: when the stream has ended, however it ended, or now if it has. */
    void whenGone(Runnable cleanup) {
        if (state == State.GONE) {
            cleanup.run();
            return;
        }
        whenGone = cleanup;
        ResponseEnd.whenGone(response, this::gone);
    }

    /** What is not written now never will be: the connection, or the stream in it, has broken. */
    private void broke() {
        if (state != State.GONE) {
            gone();
            if (!response.closed()) {
                response.reset();
            }
        }
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
            if (result.failed()) {
                broke();
            } else if (open()) {
                receiver.relieved();
                tellStatus();
            }
        });
    }

    private void tellStatus() {
        byte[] now = status;
        if (statusUntold && now != null && halfFree()) {
            statusUntold = false;
            write(now);
        }
    }
}
