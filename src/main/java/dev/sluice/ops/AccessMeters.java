package dev.sluice.ops;

import dev.sluice.access.Limit;
import dev.sluice.access.Refusals;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** The requests that were refused. */
@Singleton
final class AccessMeters implements MeterBinder {
    private final Refusals refusals;

    @Inject
    AccessMeters(Refusals refusals) {
        this.refusals = refusals;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Readings<Refusals> readings = new Readings<>(registry, refusals);
        for (Refusals.Reason reason : Refusals.Reason.values()) {
            readings.counter(
                    "sluice.access.refused",
                    "Requests refused: nobody known, not allowed, over a limit",
                    all -> all.count(reason),
                    "reason",
                    Readings.tag(reason));
        }
        for (Limit limit : Limit.values()) {
            readings.counter(
                    "sluice.access.limited",
                    "Requests refused at a limit of their caller or the instance",
                    all -> all.count(limit),
                    "limit",
                    Readings.tag(limit));
        }
    }
}
