package dev.sluice.embedded;

import java.time.Duration;

/** How long to wait before the next restart: twice as long each time, up to a bound, from the start after a calm spell. */
final class RestartDelay {
    static final Duration SHORTEST = Duration.ofMillis(100);
    static final Duration LONGEST = Duration.ofSeconds(5);

    private Duration next = SHORTEST;

    /** {@code ran}: how long the server ran since the last restart; longer than the bound counts as calm. */
    Duration after(Duration ran) {
        Duration delay = ran.compareTo(LONGEST) > 0 ? SHORTEST : next;
        Duration doubled = delay.multipliedBy(2);
        next = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
        return delay;
    }
}
