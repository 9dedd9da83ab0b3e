package dev.sluice.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Shows what {@code owner} counts for itself to one registry. The parts know no meters; every tag is from a closed set,
 * never something a client sent; nothing that is read here can block. {@code docs/METRICS.md} lists all of them.
 */
record MeterBinding<T>(MeterRegistry registry, T owner) {

    /** What goes up and down. */
    MeterBinding<T> gauge(String name, String description, ToDoubleFunction<T> value, String... tags) {
        Gauge.builder(name, owner, value).description(description).tags(tags).register(registry);
        return this;
    }

    /** What only goes up. */
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
