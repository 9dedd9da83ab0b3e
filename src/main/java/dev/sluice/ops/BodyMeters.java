package dev.sluice.ops;

import dev.sluice.http.BodyBytes;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Meters of request bodies that are arriving. */
@Singleton
final class BodyMeters implements MeterBinder {
    private final BodyBytes bytes;

    @Inject
    BodyMeters(BodyBytes bytes) {
        this.bytes = bytes;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new MeterBinding<>(registry, bytes)
                .gauge("sluice.body.bytes", "Bytes of request bodies that are arriving", BodyBytes::held)
                .counter("sluice.body.refused", "Bodies and lines refused at the limit", BodyBytes::refused);
    }
}
