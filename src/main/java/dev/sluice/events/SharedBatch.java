package dev.sluice.events;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * The frames that were collected while an event loop was busy, as one direct buffer that all clients of the loop share.
 * Reference-counted: one reference for the creator and one for every write that has not ended. The last release frees
 * the buffer.
 */
final class SharedBatch implements SseConnection.Piece {
    private final List<Frame> frames;
    private final long after;
    private final ByteBuf bytes;
    private int writes;

    private SharedBatch(List<Frame> frames, long after, ByteBuf bytes) {
        this.frames = frames;
        this.after = after;
        this.bytes = bytes;
    }

    /** @param after sequence of the frame before the first one; no matching message is in between */
    static SharedBatch of(List<Frame> frames, int size, long after) {
        ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(size, size);
        for (Frame frame : frames) {
            bytes.writeBytes(frame.bytes());
        }
        return new SharedBatch(frames, after, bytes);
    }

    @Override
    public int size() {
        return bytes.writerIndex();
    }

    /** Returns the number of messages in this batch. */
    int events() {
        return frames.size();
    }

    /** Returns the number of writes that have used this batch. */
    int writes() {
        return writes;
    }

    /** Returns the sequence that this batch continues. */
    long after() {
        return after;
    }

    /** Returns the sequence of the last frame. */
    long last() {
        return frames.get(frames.size() - 1).sequence();
    }

    /** Retains this batch for one more write; {@link #release} must be called when the write has ended. */
    SharedBatch retain() {
        writes++;
        bytes.retain();
        return this;
    }

    @Override
    @SuppressWarnings("deprecation") // Vert.x 4 has no other way to write memory that it does not own
    public Buffer bytes() {
        return Buffer.buffer(bytes);
    }

    /**
     * Returns the bytes for one write, from the first frame after {@code position}; {@link #release} must be called
     * when the write has ended.
     */
    @SuppressWarnings("deprecation") // as above
    Buffer retain(long position) {
        int skipped = 0;
        for (Frame frame : frames) {
            if (frame.sequence() > position) {
                break;
            }
            skipped += frame.bytes().length;
        }
        writes++;
        bytes.retain();
        return Buffer.buffer(bytes.slice(skipped, size() - skipped));
    }

    @Override
    public void release() {
        bytes.release();
    }

    /** Returns whether all references are released. For tests. */
    boolean freed() {
        return bytes.refCnt() == 0;
    }
}
