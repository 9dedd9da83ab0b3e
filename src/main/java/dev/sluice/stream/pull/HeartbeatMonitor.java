package dev.sluice.stream.pull;

/**
 * Goes off once after a number of ticks, unless a sign of life puts it back to the start. Counting ticks instead of
 * reading a clock keeps the cost of a sign of life, which is every message, to a look at one field.
 *
 * <p>Set by the session's drain loop, ticked by the ticker, fed by the dispatcher, which never takes the lock.
 */
final class HeartbeatMonitor {
    private int length;
    private int left;
    private boolean fed;
    private volatile boolean alive;

    /** Goes off after {@code ticks} without {@link #signOfLife}. */
    synchronized void watch(int ticks) {
        length = ticks;
        left = ticks;
        fed = true;
    }

    /** Goes off after {@code ticks}, whatever happens. */
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

    void signOfLife() {
        if (!alive) {
            alive = true;
        }
    }

    /** Whether it goes off with this tick. */
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
