package dev.sluice.ops;

import dev.sluice.http.FetchSlots;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Meters of fetches over HTTP. */
@Singleton
final class FetchMeters implements MeterBinder {
    private final FetchSlots slots;

    @Inject
    FetchMeters(FetchSlots slots) {
        this.slots = slots;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new MeterBinding<>(registry, slots)
                .gauge("sluice.fetch.open", "Fetches over HTTP that are served now", FetchSlots::open)
                .counter("sluice.fetch.refused", "Fetches over HTTP refused at the limit", FetchSlots::refused);
    }
}
