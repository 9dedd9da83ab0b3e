package dev.sluice.reliability;

import dev.sluice.support.Timeouts;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/**
 * Starts tasks at a constant rate, independent of the outcome of earlier tasks. If too many tasks are in progress, a
 * task is skipped and counted.
 */
abstract class PacedLoad implements Load {
    private static final int TICK_MILLIS = 10;

    private final double perSecond;
    private final int atOnce;
    private final AtomicInteger inProgress = new AtomicInteger();
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private volatile boolean running;
    private long timer;
    private long startedAt;
    private long due;

    PacedLoad(double perSecond, int atOnce) {
        this.perSecond = perSecond;
        this.atOnce = atOnce;
    }

    /** Starts one task on an event loop. The task ends with {@link #ended()}. */
    abstract void begin();

    /** Ends one task. A task that is repeated counts once. */
    final void ended() {
        inProgress.decrementAndGet();
    }

    /** Returns whether unfinished tasks should still be repeated. */
    final boolean running() {
        return running;
    }

    final void later(int millis, Runnable again) {
        Caller.vertx().setTimer(millis, id -> again.run());
    }

    @Override
    public final void start() {
        running = true;
        startedAt = System.nanoTime();
        timer = Caller.vertx().setPeriodic(TICK_MILLIS, id -> tick());
    }

    @Override
    public final void stop() {
        running = false;
        Caller.vertx().cancelTimer(timer);
        Awaitility.await(this + " to end").atMost(Timeouts.LIMIT).until(() -> inProgress.get() == 0);
        close();
    }

    abstract void close();

    @Override
    public boolean produces() {
        return true;
    }

    final long begun() {
        return begun.get();
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + ": " + begun + " begun, " + skipped + " left out at the bound of " + atOnce;
    }

    private void tick() {
        long target = (long) ((System.nanoTime() - startedAt) / 1e9 * perSecond);
        for (; due < target && running; due++) {
            if (inProgress.incrementAndGet() > atOnce) {
                inProgress.decrementAndGet();
                skipped.incrementAndGet();
            } else {
                begun.incrementAndGet();
                begin();
            }
        }
    }
}
