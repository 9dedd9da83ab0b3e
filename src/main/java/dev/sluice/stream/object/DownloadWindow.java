package dev.sluice.stream.object;

import dev.sluice.flow.Limit;

/**
 * The number of chunks of one download that are on their way from NATS to the client. A client that takes them faster than
 * they come gets a larger window, at the cost of memory that all downloads share. Not thread-safe.
 */
public final class DownloadWindow {
    /** Maximum number of chunks beyond {@code sluice.object.download-window}. */
    static final int MAX_MORE = 12;

    private final int least;
    private final Limit ahead;
    /** Bytes that were taken for each chunk beyond the least. */
    private final long[] taken = new long[MAX_MORE];

    private int more;
    private boolean closed;

    DownloadWindow(int least, Limit ahead) {
        this.least = least;
        this.ahead = ahead;
    }

    /** Returns the number of chunks that may be requested and not written yet. */
    public int size() {
        return least + more;
    }

    /** Adds a chunk if there is memory for it: the client has taken all chunks and waits for the next. */
    public void grow(int chunkSize) {
        if (!closed && more < MAX_MORE && ahead.tryTake(chunkSize)) {
            taken[more] = chunkSize;
            more++;
        }
    }

    /** Gives back a chunk that was added: the client takes them slower than they come. */
    public void shrink() {
        if (more > 0) {
            more--;
            ahead.release(taken[more]);
        }
    }

    /** Gives back all chunks that were added. */
    public void close() {
        closed = true;
        while (more > 0) {
            shrink();
        }
    }
}
