package dev.sluice.access;

import io.github.bucket4j.TimeMeter;
import java.time.Duration;

/** A clock that only a test moves. */
final class TestTime implements TimeMeter {
    private long nanos;

    void forward(Duration by) {
        nanos += by.toNanos();
    }

    @Override
    public long currentTimeNanos() {
        return nanos;
    }

    @Override
    public boolean isWallClockBased() {
        return false;
    }
}
