package dev.sluice.flow;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * A bound on what this instance does or holds at once, named after its configuration key. It refuses what exceeds it, and
 * counts the refusals: an operator sees which key to change. Thread-safe.
 */
public final class Limit {
    private final String key;
    private final Permits permits;
    private final LongAdder refused;

    public Limit(String key, long max) {
        this(key, max, new LongAdder());
    }

    private Limit(String key, long max, LongAdder refused) {
        this.key = key;
        this.permits = new Permits(max);
        this.refused = refused;
    }

    /** Returns the same limit for another owner. Nothing of it is taken; the refusals of both are counted together. */
    public Limit another() {
        return new Limit(key, permits.limit(), refused);
    }

    /** Takes {@code amount}, or nothing if less is left. If nothing is taken, any amount is granted. */
    public boolean tryTake(long amount) {
        boolean taken = permits.take(amount);
        if (!taken) {
            refused.increment();
        }
        return taken;
    }

    /**
     * As {@link #tryTake}.
     *
     * @param rule what the limit says, for the caller
     * @throws SluiceException {@code OVERLOADED} if too little is left
     */
    public void take(long amount, String rule) {
        if (!tryTake(amount)) {
            throw refusal(rule);
        }
    }

    /**
     * Requires that {@link #take} would succeed now, and takes nothing.
     *
     * @throws SluiceException {@code OVERLOADED} if too little is left
     */
    public void requireRoom(long amount, String rule) {
        if (!permits.hasRoom(amount)) {
            refused.increment();
            throw refusal(rule);
        }
    }

    /** Gives back {@code amount}. Returns what is still taken. */
    public long release(long amount) {
        return permits.giveBack(amount);
    }

    /**
     * Returns {@code work}, which holds 1 from its subscription to its termination. If nothing is left, it is not subscribed
     * to and the result fails {@code OVERLOADED}.
     */
    public <T> Uni<T> guard(Uni<T> work, String rule) {
        return guard(1, work, rule);
    }

    /** As {@link #guard(Uni, String)}, for work that holds {@code amount}. */
    public <T> Uni<T> guard(long amount, Uni<T> work, String rule) {
        return Uni.createFrom().deferred(() -> {
            take(amount, rule);
            return work.onTermination().invoke(() -> release(amount));
        });
    }

    /** As {@link #guard(Uni, String)}. */
    public <T> Multi<T> guard(Multi<T> work, String rule) {
        return guard(1, work, rule);
    }

    /** As {@link #guard(Uni, String)}, for work that holds {@code amount}. */
    public <T> Multi<T> guard(long amount, Multi<T> work, String rule) {
        return guard(amount, work, () -> refusal(rule));
    }

    /**
     * As {@link #guard(long, Multi, String)}.
     *
     * @param refusal returns the failure of a subscription for which too little is left; called for each of them
     */
    public <T> Multi<T> guard(long amount, Multi<T> work, Supplier<SluiceException> refusal) {
        return Multi.createFrom().deferred(() -> {
            if (!tryTake(amount)) {
                throw refusal.get();
            }
            return work.onTermination().invoke(() -> release(amount));
        });
    }

    /** Returns the failure of what is refused, which names the key. */
    public SluiceException refusal(String rule) {
        return Failure.OVERLOADED.because(rule + " (" + key + ")");
    }

    public String key() {
        return key;
    }

    public long max() {
        return permits.limit();
    }

    public long taken() {
        return permits.taken();
    }

    /** Returns how often the limit has refused since startup. */
    public long refused() {
        return refused.sum();
    }
}
