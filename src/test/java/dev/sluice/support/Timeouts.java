package dev.sluice.support;

import java.time.Duration;

/** How long tests wait for what takes a moment on an idle machine. Another machine may be busy. */
public final class Timeouts {
    public static final Duration LIMIT = Duration.ofSeconds(60);

    private Timeouts() {}
}
