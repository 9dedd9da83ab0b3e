package dev.sluice.events;

import dev.sluice.flow.ResponseEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One client's open event stream: its socket, and how many bytes that has not taken yet. What a feed brings goes through
 * a {@link FeedSubscriber}, which keeps to the bound. Only the client's event loop touches a tail.
 */
final class SseConnection {
    private static final Logger LOG = Logger.getLogger(SseConnection.class);
    /** INTERNAL_ERROR: NO_ERROR would make the answer look complete (RFC 9113, section 8.1). HTTP/1.1 has no code. */
    private static final long NOT_WHOLE = 2;

    private enum State {
        OPEN,
        ENDING,
        GONE
    }

    /** Writes that are under way at once. What comes after them waits here, and leaves as one. */
    private static final int WRITES = 16;

    /** Most pieces that wait after those, however small they are: each costs memory beside its bytes. */
    private static final int PIECES = 1024;

    /** Bytes that wait. A client that does not read holds many of them, so those that are shared cost it one reference. */
    interface Piece {

        int size();

        /** Called once, when they are written. */
        Buffer bytes();

        /** Due once: when they have been written, or never will be. */
        void release();
    }

    private record Own(Buffer bytes, Runnable whenWritten) implements Piece {

        @Override
        public int size() {
            return bytes.length();
        }

        @Override
        public void release() {
            whenWritten.run();
        }
    }

    private final String watched;
    private final HttpServerResponse response;
    private final long bufferSize;

    private State state = State.OPEN;
    private FeedSubscriber subscriber = FeedSubscriber.NONE;
    private long unsent;
    private int writes;
    private List<Piece> waiting = new ArrayList<>();
    private byte @Nullable [] status;
    private boolean statusUntold;
    private long lastWrite = System.nanoTime();
    private final CloseReason endOfLife;
    private long endsAt;
    private Runnable whenGone = () -> {};

    SseConnection(String watched, HttpServerResponse response, long bufferSize, Lifetime lifetime) {
        this.watched = watched;
        this.response = response;
        this.bufferSize = bufferSize;
        this.endOfLife = lifetime.end();
        this.endsAt = lastWrite + lifetime.span().toNanos();
    }

    /** Who is told of relief and of the end from now on. */
    void serve(FeedSubscriber someReceiver) {
        subscriber = someReceiver;
    }

    boolean open() {
        return state == State.OPEN;
    }

    /** Whether {@code size} more bytes are within the bounds; anything is when nothing else waits. */
    boolean takes(long size) {
        return unsent == 0 || (unsent + size <= bufferSize && waiting.size() < PIECES);
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

    /** Whether the client was told a status, or will be as soon as it reads. */
    boolean statusTold() {
        return status != null;
    }

    /** Writes a frame that must not be dropped; {@code taken} is run when the socket has it, if it ever does. */
    void write(byte[] frame, Runnable taken) {
        if (open()) {
            enqueue(new Own(Buffer.buffer(frame), taken));
        }
    }

    void write(byte[] frame) {
        write(frame, () -> {});
    }

    void write(SharedBatch batch) {
        if (open()) {
            enqueue(batch.retain());
        }
    }

    /** As {@link #write(Burst)}, without what is not after {@code position}. */
    void write(SharedBatch batch, long position) {
        if (open()) {
            enqueue(new Own(batch.retain(position), batch::release));
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
            gone();
            response.reset(NOT_WHOLE);
        }
    }

    /** Says why, then ends the response; a client that does not read that within {@code timeout} is cut off. */
    void end(CloseReason reason, Duration timeout) {
        if (open()) {
            subscriber.ending();
            state = State.ENDING;
            endsAt = System.nanoTime() + timeout.toNanos();
            byte[] last = ControlEvents.closed(reason);
            enqueue(new Own(Buffer.buffer(last), this::finish));
            sendWaiting();
        }
    }

    /** The last event is written. A response that was ended before that could not be cut off any more. */
    private void finish() {
        if (state == State.ENDING) {
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
                response.reset(NOT_WHOLE);
            }
        }
    }

    private void gone() {
        if (state != State.GONE) {
            state = State.GONE;
            List<Piece> unwritten = waiting;
            waiting = new ArrayList<>();
            unwritten.forEach(Piece::release);
            whenGone.run();
        }
    }

    private void enqueue(Piece piece) {
        unsent += piece.size();
        lastWrite = System.nanoTime();
        if (writes < WRITES && waiting.isEmpty()) {
            send(piece);
        } else {
            waiting.add(piece);
        }
    }

    private void send(Piece piece) {
        writes++;
        int size = piece.size();
        response.write(piece.bytes()).onComplete(result -> {
            writes--;
            unsent -= size;
            piece.release();
            if (result.failed()) {
                broke();
            } else if (open()) {
                sendWaiting();
                subscriber.relieved();
                tellStatus();
            }
        });
    }

    /** Sends all that waits, as one write. */
    @SuppressWarnings("deprecation") // Vert.x 4 has no other way to write memory that it does not own
    private void sendWaiting() {
        if (waiting.isEmpty()) {
            return;
        }
        List<Piece> pieces = waiting;
        waiting = new ArrayList<>();
        ByteBuf[] bytes = new ByteBuf[pieces.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = pieces.get(i).bytes().getByteBuf();
        }
        Buffer whole = Buffer.buffer(Unpooled.wrappedBuffer(bytes));
        send(new Own(whole, () -> pieces.forEach(Piece::release)));
    }

    private void tellStatus() {
        byte[] now = status;
        if (statusUntold && now != null && halfFree()) {
            statusUntold = false;
            write(now);
        }
    }
}
