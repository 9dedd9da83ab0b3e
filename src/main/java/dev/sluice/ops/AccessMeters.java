package dev.sluice.ops;

import dev.sluice.access.KeyRefreshCounters;
import dev.sluice.access.Limit;
import dev.sluice.access.RejectionCounters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Meters of rejected requests and of the key fetches for tokens. */
@Singleton
final class AccessMeters implements MeterBinder {
    private final RejectionCounters rejections;
    private final KeyRefreshCounters refreshes;

    @Inject
    AccessMeters(RejectionCounters rejections, KeyRefreshCounters refreshes) {
        this.rejections = rejections;
        this.refreshes = refreshes;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        MeterBinding<RejectionCounters> binding = new MeterBinding<>(registry, rejections);
        for (RejectionCounters.Reason reason : RejectionCounters.Reason.values()) {
            binding.counter(
                    "sluice.access.refused",
                    "Requests refused: nobody known, not allowed, over a limit",
                    all -> all.count(reason),
                    "reason",
                    MeterBinding.tag(reason));
        }
        for (Limit limit : Limit.values()) {
            binding.counter(
                    "sluice.access.limited",
                    "Requests refused at a limit of their caller or the instance",
                    all -> all.count(limit),
                    "limit",
                    MeterBinding.tag(limit));
        }
        MeterBinding<KeyRefreshCounters> keys = new MeterBinding<>(registry, refreshes);
        for (KeyRefreshCounters.Outcome outcome : KeyRefreshCounters.Outcome.values()) {
            keys.counter(
                    "sluice.access.key.refreshes",
                    "Tokens that name a key which is not known, by what was done for them",
                    all -> all.count(outcome),
                    "outcome",
                    MeterBinding.tag(outcome));
        }
    }
}
