package dev.sluice.http.body;

import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.http.HttpConfig;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Limits the bytes of request bodies and lines that this instance holds while they arrive. Without it, the number of
 * open requests would be the only limit, and one caller with slow bodies could fill the heap. Further bodies are rejected
 * and counted. Thread-safe.
 */
@Singleton
public final class BodyBytes implements Limited {
    /** Bodies, also those of responses, up to this size are not counted: the number of open requests limits them well enough. */
    public static final int UNCOUNTED = 16 << 10;

    private final Limit limit;
    private final String rule;

    @Inject
    BodyBytes(HttpConfig config) {
        limit = new Limit("sluice.http.body-bytes", config.bodyBytes().asLongValue());
        rule = "The bodies of the open requests may have at most " + limit.max() + " bytes in total";
    }

    /** Returns the share of one body, which holds nothing yet. */
    public Share share() {
        return new Share();
    }

    /** Returns the bytes that are held. */
    public long held() {
        return limit.taken();
    }

    /** Returns the number of bodies and lines that were rejected because the limit was reached. */
    public long refused() {
        return limit.refused();
    }

    @Override
    public List<Limit> limits() {
        return List.of(limit);
    }

    /** What one body holds, or the lines of one. Thread-safe: a cancellation may come from any thread. */
    public final class Share {
        private long held;
        private long kept;
        private boolean closed;

        /**
         * Extends the share to {@code size} bytes.
         *
         * @throws dev.sluice.failure.SluiceException {@code OVERLOADED} if the limit is reached; the share is unchanged
         */
        public void extend(long size) {
            if (size > UNCOUNTED) {
                take(size);
            }
        }

        private synchronized void take(long size) {
            if (closed || size <= held) {
                return;
            }
            limit.take(size - held, rule);
            held = size;
        }

        /**
         * Keeps what is held, until the returned handle is run once or the share is closed. The share is then empty and can
         * be extended again.
         */
        public synchronized Runnable keep() {
            long bytes = held;
            held = 0;
            kept += bytes;
            return () -> giveBack(bytes);
        }

        private synchronized void giveBack(long bytes) {
            if (!closed) {
                kept -= bytes;
                limit.release(bytes);
            }
        }

        /**
         * Requires that there is room for {@code size} bytes now. Takes nothing: a client can announce a body and never send
         * it.
         *
         * @throws dev.sluice.failure.SluiceException {@code OVERLOADED} if there is none
         */
        void requireRoom(long size) {
            limit.requireRoom(size, rule);
        }

        /** Gives back what is held and not kept. The share can be extended again. */
        public synchronized void release() {
            if (held > 0) {
                limit.release(held);
                held = 0;
            }
        }

        /** Gives back all that is held, and never takes anything again. */
        public synchronized void close() {
            closed = true;
            held += kept;
            kept = 0;
            release();
        }
    }
}
