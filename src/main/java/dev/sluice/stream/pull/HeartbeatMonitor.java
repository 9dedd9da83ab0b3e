package dev.sluice.stream.pull;

/**
 * A one-shot timeout that fires after a number of ticks and that a sign of life restarts. It counts ticks and reads no
 * clock: every message is a sign of life and costs only the check of one field.
 *
 * <p>Thread-safe. The session's drain loop sets it, the ticker ticks it, the dispatcher reports signs of life without
 * taking the lock.
 */
final class HeartbeatMonitor {
    private int length;
    private int left;
    private boolean fed;
    private volatile boolean alive;

    /** Starts a timeout of {@code ticks} that each {@link #signOfLife} restarts. */
    synchronized void watch(int ticks) {
        length = ticks;
        left = ticks;
        fed = true;
    }

    /** Starts a timeout of {@code ticks} that signs of life do not restart. */
    synchronized void after(int ticks) {
        length = ticks;
        left = ticks;
        fed = false;
    }

    synchronized void off() {
        length = 0;
        left = 0;
    }

    synchronized boolean isSet() {
        return length > 0;
    }

    /** Returns whether the timeout has fired and was neither set again nor switched off since. */
    synchronized boolean fired() {
        return length > 0 && left == 0;
    }

    void signOfLife() {
        if (!alive) {
            alive = true;
        }
    }

    /** Counts one tick. Returns whether the timeout fires now. */
    synchronized boolean tick() {
        boolean lived = alive;
        alive = false;
        if (left == 0) {
            return false;
        }
        left = lived && fed ? length : left - 1;
        return left == 0;
    }
}
