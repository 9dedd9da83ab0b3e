package dev.sluice.stream.object;

import dev.sluice.flow.Permits;
import java.util.concurrent.atomic.LongAdder;

/**
 * Limits the bytes that all downloads together read ahead of their clients, beyond the window that each download has in any
 * case. Thread-safe.
 */
public final class ReadAhead {
    private final Permits permits;
    private final LongAdder refused = new LongAdder();

    ReadAhead(long most) {
        permits = new Permits(most);
    }

    boolean take(long bytes) {
        boolean taken = permits.take(bytes);
        if (!taken) {
            refused.increment();
        }
        return taken;
    }

    void giveBack(long bytes) {
        permits.giveBack(bytes);
    }

    /** Returns the bytes that are taken. */
    public long held() {
        return permits.taken();
    }

    /** Returns the number of times that a download got no larger window because the limit was reached. */
    public long refused() {
        return refused.sum();
    }
}
