package dev.sluice.embedded;

import dev.sluice.flow.Backoff;
import java.time.Duration;

/** Delay before the next restart of a server. The backoff begins again after the server has run for a while. */
final class RestartDelay {
    static final Duration SHORTEST = Duration.ofMillis(100);
    static final Duration LONGEST = Duration.ofSeconds(5);
    private static final Backoff BACKOFF = new Backoff(SHORTEST, LONGEST);

    private int failures;

    /** @param ran how long the server ran; more than {@link #LONGEST} begins the backoff again */
    Duration after(Duration ran) {
        failures = ran.compareTo(LONGEST) > 0 ? 1 : failures + 1;
        return BACKOFF.delay(failures);
    }
}
