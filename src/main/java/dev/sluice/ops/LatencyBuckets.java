package dev.sluice.ops;

import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.stream.Stream;

/** The bounds of every histogram: what is worth telling apart between a local answer and a lost one. */
final class LatencyBuckets {
    private static final Duration[] BUCKETS = Stream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    private LatencyBuckets() {}

    static Timer.Builder timer(String name, String description) {
        return Timer.builder(name).description(description).serviceLevelObjectives(BUCKETS);
    }

    static double[] nanos() {
        return Stream.of(BUCKETS).mapToDouble(Duration::toNanos).toArray();
    }
}
