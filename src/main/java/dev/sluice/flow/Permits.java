package dev.sluice.flow;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** A counting limit that rejects instead of waiting. Thread-safe. */
public final class Permits {
    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    public Permits(long limit) {
        this.limit = limit;
    }

    /** Takes {@code amount} permits, or none if fewer are left. If no permit is taken, any amount is granted. */
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

    /** Releases {@code amount} permits. Returns the number of permits still taken. */
    public long giveBack(long amount) {
        return taken.addAndGet(-amount);
    }

    /**
     * Returns {@code work}, which holds a permit from its subscription to its termination. If none is left, it is not
     * subscribed to and the result fails with {@code refusal}.
     */
    public <T> Uni<T> guard(Uni<T> work, Supplier<? extends Throwable> refusal) {
        return Uni.createFrom()
                .deferred(() -> take(1)
                        ? work.onTermination().invoke(() -> giveBack(1))
                        : Uni.createFrom().failure(refusal.get()));
    }

    /** As {@link #guard(Uni, Supplier)}. */
    public <T> Multi<T> guard(Multi<T> work, Supplier<? extends Throwable> refusal) {
        return Multi.createFrom()
                .deferred(() -> take(1)
                        ? work.onTermination().invoke(() -> giveBack(1))
                        : Multi.createFrom().failure(refusal.get()));
    }

    public long taken() {
        return taken.get();
    }
}
