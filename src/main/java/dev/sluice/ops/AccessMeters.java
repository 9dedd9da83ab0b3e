package dev.sluice.ops;

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
        for (Refusals.Reason reason : Refusals.Reason.values()) {
            new Readings<>(registry, refusals)
                    .counter(
                            "sluice.access.refused",
                            "Requests refused: nobody known, not allowed, over a limit",
                            all -> all.count(reason),
                            "reason",
                            Readings.tag(reason));
        }
    }
}
