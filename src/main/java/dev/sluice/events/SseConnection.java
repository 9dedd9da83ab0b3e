package dev.sluice.events;

import dev.sluice.flow.ResponseEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The socket of one client's open tail, and the number of bytes that it has not taken yet. Messages of a feed pass
 * through a {@link FeedSubscriber}, which keeps within the buffer. A client that has left before it is served has a
 * closed connection from the start. Confined to the client's event loop.
 */
final class SseConnection {
    private static final Logger LOG = Logger.getLogger(SseConnection.class);
    /** NO_ERROR would make the response look complete (RFC 9113, section 8.1). HTTP/1.1 has no code. */
    private static final long INTERNAL_ERROR = 2;

    private enum Phase {
        OPEN,
        ENDING,
        CLOSED
    }

    /** Maximum number of writes in progress. Further pieces wait here and are sent together. */
    private static final int MAX_WRITES = 16;

    /** Maximum number of waiting pieces, regardless of their size: each costs memory in addition to its bytes. */
    private static final int MAX_PIECES = 1024;

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

    private record OwnBytes(Buffer bytes, Runnable onRelease) implements Piece {

        @Override
        public int size() {
            return bytes.length();
        }

        @Override
        public void release() {
            onRelease.run();
        }
    }

    private final String description;
    private final HttpServerResponse response;
    private final EventLoop loop;
    private final long bufferSize;
    private final Duration closeTimeout;

    private Phase phase;
    private FeedSubscriber subscriber = FeedSubscriber.NONE;
    private long unsent;
    private int writes;
    private List<Piece> waiting = new ArrayList<>();
    private byte @Nullable [] status;
    private boolean statusUnreported;
    private long lastWrite = System.nanoTime();
    private Lifetime lifetime;
    private @Nullable CompletableFuture<Lifetime> lookup;
    private long endsAt;
    private Runnable cleanup = () -> {};

    /** @param description what is tailed, for the log */
    SseConnection(String description, Admission client, EventsConfig config) {
        this.description = description;
        this.response = client.response();
        this.loop = client.loop();
        this.bufferSize = config.clientBuffer().asLongValue();
        this.closeTimeout = config.closeTimeout();
        this.phase = response.closed() ? Phase.CLOSED : Phase.OPEN;
        this.lifetime = Lifetime.of(config.lifetime(), client.validity());
        this.endsAt = lastWrite + lifetime.span().toNanos();
    }

    EventLoop loop() {
        return loop;
    }

    /** Sets the subscriber that is notified of free buffer space and of the end. */
    void serve(FeedSubscriber newSubscriber) {
        subscriber = newSubscriber;
    }

    boolean open() {
        return phase == Phase.OPEN;
    }

    /** Returns whether {@code size} more bytes are within the limits; any size is if nothing else waits. */
    boolean accepts(long size) {
        return unsent == 0 || (unsent + size <= bufferSize && waiting.size() < MAX_PIECES);
    }

    boolean halfFree() {
        return unsent <= bufferSize / 2;
    }

    /** Writes the latest status, at once or when the client reads again. */
    void reportStatus(byte[] frame) {
        if (open() && status != frame) {
            if (status == null) {
                LOG.debugf("A client tails %s", description);
            }
            status = frame;
            statusUnreported = true;
            reportStatus();
        }
    }

    /** Returns whether the client has received a status, or will as soon as it reads. */
    boolean statusReported() {
        return status != null;
    }

    /**
     * Writes a frame that must not be dropped. {@code taken} is run when the socket has taken the frame, or never will.
     */
    void write(byte[] frame, Runnable taken) {
        if (open()) {
            enqueue(new OwnBytes(Buffer.buffer(frame), taken));
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
            enqueue(new OwnBytes(batch.retain(position), batch::release));
        }
    }

    /**
     * Sends a heartbeat on an idle tail, ends a tail at the end of its lifetime or if it is revoked, and resets one whose
     * client does not take its last event in time.
     */
    void tick(long now, long heartbeatNanos) {
        if (open()) {
            if (lifetime.revoked()) {
                end(CloseReason.FORBIDDEN);
            } else if (now - endsAt >= 0) {
                endOfLife(now);
            } else if (unsent == 0 && now - lastWrite >= heartbeatNanos) {
                write(ControlEvents.HEARTBEAT);
            }
        } else if (phase == Phase.ENDING && now - endsAt >= 0) {
            close();
            response.reset(INTERNAL_ERROR);
        }
    }

    /**
     * Ends the tail, or continues if the client's identity has been extended. The tail stays open while that is looked
     * up. If it cannot be looked up, the client must reconnect and authenticate again.
     */
    private void endOfLife(long now) {
        if (lifetime.reason() != CloseReason.FORBIDDEN) {
            end(lifetime.reason());
            return;
        }
        CompletableFuture<Lifetime> latest = lookup;
        if (latest == null) {
            latest = lifetime.latest().subscribeAsCompletionStage();
            lookup = latest;
        }
        if (!latest.isDone()) {
            return;
        }
        lookup = null;
        if (latest.isCompletedExceptionally()) {
            end(CloseReason.LIFETIME);
            return;
        }
        lifetime = latest.join();
        endsAt = now + lifetime.span().toNanos();
        if (lifetime.expired()) {
            end(lifetime.reason());
        }
    }

    /**
     * Writes the reason, then ends the response. A client that does not read it within the close timeout is disconnected.
     */
    void end(CloseReason reason) {
        if (open()) {
            subscriber.beforeEnd();
            phase = Phase.ENDING;
            endsAt = System.nanoTime() + closeTimeout.toNanos();
            byte[] last = ControlEvents.closed(reason);
            enqueue(new OwnBytes(Buffer.buffer(last), this::finish));
            sendWaiting();
        }
    }

    /** Ends the response after the last event is written. A response that is ended earlier cannot be reset any more. */
    private void finish() {
        if (phase == Phase.ENDING) {
            response.end().onComplete(written -> close());
        }
    }

    /** Runs {@code action} once: when the tail has ended for any reason, or immediately if it already has. */
    void onClosed(Runnable action) {
        if (phase == Phase.CLOSED) {
            action.run();
            return;
        }
        cleanup = action;
        ResponseEnd.whenGone(response, this::close);
    }

    /** Handles a failed write: the connection, or the HTTP/2 stream in it, is broken, and waiting data is never written. */
    private void writeFailed() {
        if (phase != Phase.CLOSED) {
            close();
            if (!response.closed()) {
                response.reset(INTERNAL_ERROR);
            }
        }
    }

    private void close() {
        if (phase != Phase.CLOSED) {
            phase = Phase.CLOSED;
            List<Piece> unwritten = waiting;
            waiting = new ArrayList<>();
            unwritten.forEach(Piece::release);
            cleanup.run();
        }
    }

    private void enqueue(Piece piece) {
        unsent += piece.size();
        lastWrite = System.nanoTime();
        if (writes < MAX_WRITES && waiting.isEmpty()) {
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
                writeFailed();
            } else if (open()) {
                sendWaiting();
                subscriber.drained();
                reportStatus();
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
        send(new OwnBytes(whole, () -> pieces.forEach(Piece::release)));
    }

    private void reportStatus() {
        byte[] now = status;
        if (statusUnreported && now != null && halfFree()) {
            statusUnreported = false;
            write(now);
        }
    }
}
