package dev.sluice.stream;

import java.util.concurrent.atomic.AtomicLong;

/** A bound that refuses rather than waits. */
public final class Permits {
    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    public Permits(long limit) {
        this.limit = limit;
    }

    /** Takes {@code amount}, or nothing if that is more than is left; all of an unused bound may always be taken at once. */
    public boolean take(long amount) {
        long before = taken.getAndAdd(amount);
        if (before > 0 && before + amount > limit) {
            taken.addAndGet(-amount);
            return false;
        }
        return true;
    }

    public void giveBack(long amount) {
        taken.addAndGet(-amount);
    }

    public long taken() {
        return taken.get();
    }
}
