package dev.sluice.ops;

import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.quarkus.arc.All;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Counts what the limits of this instance have refused, by configuration key. */
@Singleton
final class LimitMeters implements MeterBinder {
    static final String REFUSED = "sluice.limit.refused";
    static final String DESCRIPTION = "Times that a limit of Sluice has refused something";

    /** Retained, because a meter refers to its owner weakly. */
    private final Map<String, List<Limit>> limits;

    @Inject
    LimitMeters(@All List<Limited> owners) {
        limits = owners.stream().flatMap(owner -> owner.limits().stream()).collect(Collectors.groupingBy(Limit::key));
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        limits.forEach((key, bounds) -> new MeterBinding<>(registry, bounds)
                .counter(
                        REFUSED,
                        DESCRIPTION,
                        all -> all.stream().mapToLong(Limit::refused).sum(),
                        "limit",
                        key));
    }
}
