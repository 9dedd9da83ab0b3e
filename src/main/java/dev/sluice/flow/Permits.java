package dev.sluice.flow;

import java.util.concurrent.atomic.AtomicLong;

/** A counting bound that refuses instead of waiting; {@link Limit} adds a name and a counter. Thread-safe. */
public final class Permits {
    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    public Permits(long limit) {
        this.limit = limit;
    }

    /** Takes {@code amount} permits, or none if fewer are left. If no permit is taken, any amount is granted. */
    public boolean take(long amount) {
        long before = taken.get();
        while (fits(before, amount)) {
            long witness = taken.compareAndExchange(before, before + amount);
            if (witness == before) {
                return true;
            }
            before = witness;
        }
        return false;
    }

    /** Returns whether {@link #take} would succeed now. */
    public boolean hasRoom(long amount) {
        return fits(taken.get(), amount);
    }

    private boolean fits(long before, long amount) {
        return before == 0 || before + amount <= limit;
    }

    /** Releases {@code amount} permits. Returns the number of permits still taken. */
    public long giveBack(long amount) {
        return taken.addAndGet(-amount);
    }

    public long limit() {
        return limit;
    }

    public long taken() {
        return taken.get();
    }
}
