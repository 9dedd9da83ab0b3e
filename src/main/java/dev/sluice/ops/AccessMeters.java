package dev.sluice.ops;

import dev.sluice.access.AccessLimit;
import dev.sluice.access.RejectionCounters;
import dev.sluice.access.Sessions;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Meters of rejected requests and of sessions. */
@Singleton
final class AccessMeters implements MeterBinder {
    private final RejectionCounters rejections;
    private final Sessions sessions;

    @Inject
    AccessMeters(RejectionCounters rejections, Sessions sessions) {
        this.rejections = rejections;
        this.sessions = sessions;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new MeterBinding<>(registry, sessions)
                .counter(
                        "sluice.sessions.forgotten",
                        "Ended sessions that were forgotten because there were too many",
                        Sessions::forgotten);
        MeterBinding<RejectionCounters> binding = new MeterBinding<>(registry, rejections);
        for (RejectionCounters.Reason reason : RejectionCounters.Reason.values()) {
            binding.counter(
                    "sluice.access.refused",
                    "Requests rejected because they are not authenticated, not permitted, or over a limit",
                    all -> all.count(reason),
                    "reason",
                    MeterBinding.tag(reason));
        }
        for (AccessLimit limit : AccessLimit.values()) {
            binding.counter(
                    "sluice.access.limited",
                    "Requests rejected at a limit of their caller or the instance",
                    all -> all.count(limit),
                    "limit",
                    MeterBinding.tag(limit));
            binding.counter(
                    LimitMeters.REFUSED, LimitMeters.DESCRIPTION, all -> all.count(limit), "limit", limit.key());
        }
    }
}
