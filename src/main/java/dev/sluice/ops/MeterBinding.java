package dev.sluice.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Registers the counts and gauges of {@code owner} as meters of one registry, so that the owner does not depend on a
 * metrics library. All tag values are from a closed set and never client input. Reading a value must not block.
 * {@code docs/METRICS.md} lists all meters.
 */
record MeterBinding<T>(MeterRegistry registry, T owner) {

    /** Registers a value that can increase and decrease. */
    MeterBinding<T> gauge(String name, String description, ToDoubleFunction<T> value, String... tags) {
        Gauge.builder(name, owner, value).description(description).tags(tags).register(registry);
        return this;
    }

    /** Registers a value that only increases. */
    MeterBinding<T> counter(String name, String description, ToDoubleFunction<T> value, String... tags) {
        FunctionCounter.builder(name, owner, value)
                .description(description)
                .tags(tags)
                .register(registry);
        return this;
    }

    static String tag(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
