package dev.sluice.events;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * The frames that gathered while an event loop was busy, as one piece of direct memory that all its clients share. It is
 * counted: one reference for whoever made it, one for every write that has not ended, and freed with the last.
 */
final class Burst {
    private final ByteBuf bytes;
    private final int events;

    private Burst(ByteBuf bytes, int events) {
        this.bytes = bytes;
        this.events = events;
    }

    static Burst of(List<byte[]> frames, int size) {
        ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(size, size);
        frames.forEach(bytes::writeBytes);
        return new Burst(bytes, frames.size());
    }

    int size() {
        return bytes.writerIndex();
    }

    /** How many messages it holds. */
    int events() {
        return events;
    }

    /** The bytes for one write; {@link #release} is due when that write has ended. */
    @SuppressWarnings("deprecation") // Vert.x 4 has no other way to write memory that it does not own
    Buffer retain() {
        bytes.retain();
        return Buffer.buffer(bytes);
    }

    void release() {
        bytes.release();
    }
}
