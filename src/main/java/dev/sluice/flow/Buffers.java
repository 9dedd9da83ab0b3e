package dev.sluice.flow;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;

/** Buffers over existing arrays. */
public final class Buffers {
    private Buffers() {}

    /** Returns a buffer over {@code bytes}, which must not be modified any more. */
    // Vert.x 5 removes this method, but in Vert.x 4 only it does not copy.
    @SuppressWarnings("deprecation")
    public static Buffer wrap(byte[] bytes) {
        return Buffer.buffer(Unpooled.wrappedBuffer(bytes));
    }
}
