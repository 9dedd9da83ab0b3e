package dev.sluice.flow;

import java.util.concurrent.atomic.AtomicLong;

/** A counting bound that refuses rather than waits. Any thread. */
public final class Permits {
    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    public Permits(long limit) {
        this.limit = limit;
    }

    /** Takes {@code amount}, or nothing if that is more than is left; all of an unused bound may always be taken at once. */
    public boolean take(long amount) {
        long before = taken.get();
        while (before == 0 || before + amount <= limit) {
            long witness = taken.compareAndExchange(before, before + amount);
            if (witness == before) {
                return true;
            }
            before = witness;
        }
        return false;
    }

    /** Gives {@code amount} back; returns what is still taken. */
    public long giveBack(long amount) {
        return taken.addAndGet(-amount);
    }

    public long taken() {
        return taken.get();
    }
}
