package dev.sluice.stream;

/**
 * Goes off once after a number of ticks, unless a sign of life puts it back to the start. Counting ticks instead of
 * reading a clock keeps the cost of a sign of life, which is every message, to one write.
 *
 * <p>Set by the session's drain loop, ticked by the ticker, fed by the dispatcher; a race between them costs one tick.
 */
final class Alarm {
    private volatile int length;
    private volatile int left;
    private volatile boolean fed;

    /** Goes off after {@code ticks} without {@link #signOfLife}. */
    void watch(int ticks) {
        set(ticks, true);
    }

    /** Goes off after {@code ticks}, whatever happens. */
    void after(int ticks) {
        set(ticks, false);
    }

    void off() {
        length = 0;
    }

    boolean isSet() {
        return length > 0;
    }

    void signOfLife() {
        if (fed && left != length) {
            left = length;
        }
    }

    /** Whether it goes off with this tick. */
    boolean tick() {
        int before = left;
        if (length == 0 || before == 0) {
            return false;
        }
        left = before - 1;
        return before == 1;
    }

    private void set(int ticks, boolean resettable) {
        length = 0;
        fed = resettable;
        left = ticks;
        length = ticks;
    }
}
