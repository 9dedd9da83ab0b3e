package dev.sluice.events;

import dev.sluice.flow.ResponseEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The socket of one client's open tail, and the number of bytes that it has not taken yet. Messages of a feed
 * pass through a {@link FeedSubscriber}, which keeps within the buffer. Confined to the client's event loop.
 */
final class SseConnection {
    private static final Logger LOG = Logger.getLogger(SseConnection.class);
    /** INTERNAL_ERROR: NO_ERROR would make the response look complete (RFC 9113, section 8.1). HTTP/1.1 has no code. */
    private static final long NOT_WHOLE = 2;

    private enum State {
        OPEN,
        ENDING,
        GONE
    }

    /** Maximum number of writes in progress. Further pieces wait here and are sent together. */
    private static final int WRITES = 16;

    /** Maximum number of waiting pieces, regardless of their size: each costs memory in addition to its bytes. */
    private static final int PIECES = 1024;

    /**
     * Bytes that wait. A client that does not read may hold many pieces, so a shared piece costs it only one reference.
     */
    interface Piece {

        int size();

        /** Returns the bytes. Called once, when they are written. */
        Buffer bytes();

        /** Called once, when the bytes have been written or never will be. */
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
    private Lifetime lifetime;
    private @Nullable CompletableFuture<Lifetime> latest;
    private long endsAt;
    private Runnable whenGone = () -> {};

    SseConnection(String watched, HttpServerResponse response, long bufferSize, Lifetime lifetime) {
        this.watched = watched;
        this.response = response;
        this.bufferSize = bufferSize;
        this.lifetime = lifetime;
        this.endsAt = lastWrite + lifetime.span().toNanos();
    }

    /** Sets the subscriber that is notified of free buffer space and of the end. */
    void serve(FeedSubscriber someReceiver) {
        subscriber = someReceiver;
    }

    boolean open() {
        return state == State.OPEN;
    }

    /** Returns whether {@code size} more bytes are within the limits; any size is if nothing else waits. */
    boolean takes(long size) {
        return unsent == 0 || (unsent + size <= bufferSize && waiting.size() < PIECES);
    }

    boolean halfFree() {
        return unsent <= bufferSize / 2;
    }

    /** Writes the latest status, at once or when the client reads again. */
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

    /** Returns whether the client has received a status, or will as soon as it reads. */
    boolean statusTold() {
        return status != null;
    }

    /**
     * Writes a frame that must not be dropped. {@code taken} is run when the socket has taken the frame, or never will.
     */
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

    /** As {@link #write(SharedBatch)}, without the frames up to {@code position}. */
    void write(SharedBatch batch, long position) {
        if (open()) {
            enqueue(new Own(batch.retain(position), batch::release));
        }
    }

    /**
     * Sends a heartbeat on an idle stream, ends a stream at the end of its lifetime or if it is revoked, and resets one
     * that does not take its last event in time.
     */
    void tick(long now, long heartbeatNanos, Duration closeTimeout) {
        if (open()) {
            if (lifetime.revoked()) {
                end(CloseReason.FORBIDDEN, closeTimeout);
            } else if (now - endsAt >= 0) {
                endOfLife(now, closeTimeout);
            } else if (unsent == 0 && now - lastWrite >= heartbeatNanos) {
                write(ControlEvents.HEARTBEAT);
            }
        } else if (state == State.ENDING && now - endsAt >= 0) {
            gone();
            response.reset(NOT_WHOLE);
        }
    }

    /**
     * Ends the stream, or continues if the client's identity has been extended. The stream stays open while that is
     * looked up. If it cannot be looked up, the client must reconnect and authenticate again.
     */
    private void endOfLife(long now, Duration closeTimeout) {
        if (lifetime.end() != CloseReason.FORBIDDEN) {
            end(lifetime.end(), closeTimeout);
            return;
        }
        CompletableFuture<Lifetime> asked = latest;
        if (asked == null) {
            asked = lifetime.latest().subscribeAsCompletionStage();
            latest = asked;
        }
        if (!asked.isDone()) {
            return;
        }
        latest = null;
        if (asked.isCompletedExceptionally()) {
            end(CloseReason.LIFETIME, closeTimeout);
            return;
        }
        lifetime = asked.join();
        endsAt = now + lifetime.span().toNanos();
        if (lifetime.over()) {
            end(lifetime.end(), closeTimeout);
        }
    }

    /**
     * Writes the reason, then ends the response. A client that does not read it within {@code timeout} is disconnected.
     */
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

    /** Ends the response after the last event is written. A response that is ended earlier cannot be reset any more. */
    private void finish() {
        if (state == State.ENDING) {
            response.end().onComplete(written -> gone());
        }
    }

    /** Runs {@code cleanup} once: when the stream has ended for any reason, or immediately if it already has. */
    void whenGone(Runnable cleanup) {
        if (state == State.GONE) {
            cleanup.run();
            return;
        }
        whenGone = cleanup;
        ResponseEnd.whenGone(response, this::gone);
    }

    /** Handles a failed write: the connection, or the stream in it, is broken, and unwritten data is never written. */
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

    /** Sends all waiting pieces as one write. */
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
