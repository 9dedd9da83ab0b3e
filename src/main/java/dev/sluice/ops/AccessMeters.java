package dev.sluice.ops;

import dev.sluice.access.KeyRefreshes;
import dev.sluice.access.Limit;
import dev.sluice.access.Refusals;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** The requests that were refused, and the keys that were fetched for tokens. */
@Singleton
final class AccessMeters implements MeterBinder {
    private final Refusals refusals;
    private final KeyRefreshes refreshes;

    @Inject
    AccessMeters(Refusals refusals, KeyRefreshes refreshes) {
        this.refusals = refusals;
        this.refreshes = refreshes;
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
        Readings<KeyRefreshes> keys = new Readings<>(registry, refreshes);
        for (KeyRefreshes.Outcome outcome : KeyRefreshes.Outcome.values()) {
            keys.counter(
                    "sluice.access.key.refreshes",
                    "Tokens that name a key which is not known, by what was done for them",
                    all -> all.count(outcome),
                    "outcome",
                    Readings.tag(outcome));
        }
    }
}
