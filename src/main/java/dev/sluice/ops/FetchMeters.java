package dev.sluice.ops;

import dev.sluice.http.pull.FetchSlots;
import dev.sluice.http.pull.ReservedDeliveries;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Meters of fetches over HTTP. */
@Singleton
final class FetchMeters implements MeterBinder {
    private final FetchSlots slots;
    private final ReservedDeliveries reserved;

    @Inject
    FetchMeters(FetchSlots slots, ReservedDeliveries reserved) {
        this.slots = slots;
        this.reserved = reserved;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new MeterBinding<>(registry, slots)
                .gauge("sluice.fetch.open", "Fetches over HTTP that are served now", FetchSlots::open)
                .counter("sluice.fetch.refused", "Fetches over HTTP refused at the limit", FetchSlots::refused);
        new MeterBinding<>(registry, reserved)
                .counter(
                        "sluice.fetch.reserved",
                        "Messages left out of a fetch over HTTP because their subject is reserved",
                        ReservedDeliveries::count);
    }
}
