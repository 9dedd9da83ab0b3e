package dev.sluice.ops;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;

/**
 * Adapts the meters of Micrometer and Vert.x to the rules of Prometheus' linter. The linter's result for
 * {@code /q/metrics} is useful only if it needs no exceptions.
 */
final class FrameworkMeters implements MeterFilter {
    private static final Set<String> LEFT_OUT = Set.of(
            // A counter in nanoseconds, but the convention is seconds; process.cpu.usage has the same information.
            "process.cpu.time",
            // Ends in _count, which is reserved for histograms; the value never changes.
            "system.cpu.count",
            // The management server registers these too; Micrometer logs a warning and ignores the second registration.
            "vertx.http.connections.current",
            "vertx.http.connections.max");

    /**
     * Replacements for Micrometer's descriptions, which contain quotes that the two text formats escape differently.
     */
    private static final Map<String, String> HELP = Map.of(
            "process.cpu.usage", "The part of all processors that the Java Virtual Machine has used lately",
            "system.cpu.usage", "The part of all processors that the whole system has used lately");

    @Produces
    @Singleton
    MeterFilter filter() {
        return this;
    }

    @Override
    public MeterFilterReply accept(Meter.Id id) {
        return LEFT_OUT.contains(id.getName()) ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
    }

    @Override
    public Meter.Id map(Meter.Id id) {
        String help = HELP.get(id.getName());
        return help == null
                ? id
                : new Meter.Id(id.getName(), Tags.of(id.getTags()), id.getBaseUnit(), help, id.getType());
    }
}
