package dev.sluice.events;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * The frames that gathered while an event loop was busy, as one piece of direct memory that all its clients share. It is
 * counted: one reference for whoever made it, one for every write that has not ended, and freed with the last.
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

    /** @param after the sequence of the frame before the first one: nothing that was to be seen is in between */
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

    /** How many messages it holds. */
    int events() {
        return frames.size();
    }

    /** How many writes it was given to. */
    int writes() {
        return writes;
    }

    /** The sequence it follows on. */
    long after() {
        return after;
    }

    /** The sequence of its last frame. */
    long last() {
        return frames.get(frames.size() - 1).sequence();
    }

    /** Itself, for one more write; {@link #release} is due when that has ended. */
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

    /** The bytes for one write, from the first frame after {@code position} on; {@link #release} is due when it has ended. */
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

    /** Whether everybody has released it. */
    boolean freed() {
        return bytes.refCnt() == 0;
    }
}
