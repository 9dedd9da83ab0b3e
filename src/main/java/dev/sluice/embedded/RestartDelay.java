package dev.sluice.embedded;

import dev.sluice.flow.Backoff;
import java.time.Duration;

/** Delay before the next restart of a server. The backoff begins again after the server has run for a while. */
final class RestartDelay {
    static final Duration MIN = Duration.ofMillis(100);
    static final Duration MAX = Duration.ofSeconds(5);
    private static final Backoff BACKOFF = new Backoff(MIN, MAX);

    private int failures;

    /** @param ran how long the server ran; more than {@link #MAX} begins the backoff again */
    Duration after(Duration ran) {
        failures = ran.compareTo(MAX) > 0 ? 1 : failures + 1;
        return BACKOFF.delay(failures);
    }
}
