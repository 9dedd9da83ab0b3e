package dev.sluice.embedded;

import java.time.Duration;

/**
 * The delay before the next restart. It doubles with each restart from {@link #SHORTEST} to {@link #LONGEST} and starts
 * again at the shortest after a run longer than {@link #LONGEST}.
 */
final class RestartDelay {
    static final Duration SHORTEST = Duration.ofMillis(100);
    static final Duration LONGEST = Duration.ofSeconds(5);

    private Duration next = SHORTEST;

    /** Returns the next delay. {@code ran} is how long the server ran since the last restart. */
    Duration after(Duration ran) {
        Duration delay = ran.compareTo(LONGEST) > 0 ? SHORTEST : next;
        Duration doubled = delay.multipliedBy(2);
        next = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
        return delay;
    }
}
