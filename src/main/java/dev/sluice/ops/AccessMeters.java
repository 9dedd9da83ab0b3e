package dev.sluice.ops;

import dev.sluice.access.Limit;
import dev.sluice.access.RejectionCounters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Meters of rejected requests. */
@Singleton
final class AccessMeters implements MeterBinder {
    private final RejectionCounters rejections;

    @Inject
    AccessMeters(RejectionCounters rejections) {
        this.rejections = rejections;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        MeterBinding<RejectionCounters> binding = new MeterBinding<>(registry, rejections);
        for (RejectionCounters.Reason reason : RejectionCounters.Reason.values()) {
            binding.counter(
                    "sluice.access.refused",
                    "Requests rejected because they are not authenticated, not permitted, or over a limit",
                    all -> all.count(reason),
                    "reason",
                    MeterBinding.tag(reason));
        }
        for (Limit limit : Limit.values()) {
            binding.counter(
                    "sluice.access.limited",
                    "Requests rejected at a limit of their caller or the instance",
                    all -> all.count(limit),
                    "limit",
                    MeterBinding.tag(limit));
        }
    }
}
