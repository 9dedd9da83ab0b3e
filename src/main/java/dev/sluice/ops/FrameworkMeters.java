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
 * The meters that Micrometer and Vert.x bring, as Prometheus' linter wants them: its verdict on {@code /q/metrics} is
 * worth something only while nothing has to be left out of it.
 */
final class FrameworkMeters implements MeterFilter {
    private static final Set<String> LEFT_OUT = Set.of(
            // A counter of nanoseconds, where seconds are the convention; process.cpu.usage tells the same.
            "process.cpu.time",
            // Ends in _count, which belongs to histograms; and it never changes.
            "system.cpu.count",
            // A summary without a count or a sum; http.server.active.connections has the number of connections.
            "http.server.connections",
            // The management's server registers them as well, which Micrometer warns about and ignores.
            "vertx.http.connections.current",
            "vertx.http.connections.max");

    /** Micrometer's texts hold quotes, which the two text formats escape in different ways; Quarkus gives none. */
    private static final Map<String, String> HELP = Map.of(
            "http.server.active.requests", "Requests that are served now, event streams included",
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
