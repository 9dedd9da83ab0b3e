package dev.sluice.ops;

import dev.sluice.http.body.BodyBytes;
import dev.sluice.http.body.ResponseBytes;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Meters of request bodies that are arriving, and of responses that wait for their clients. */
@Singleton
final class BodyMeters implements MeterBinder {
    private final BodyBytes bytes;
    private final ResponseBytes responses;

    @Inject
    BodyMeters(BodyBytes bytes, ResponseBytes responses) {
        this.bytes = bytes;
        this.responses = responses;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new MeterBinding<>(registry, bytes)
                .gauge("sluice.body.bytes", "Bytes of request bodies that are arriving", BodyBytes::held)
                .counter("sluice.body.refused", "Bodies and lines refused at the limit", BodyBytes::refused);
        new MeterBinding<>(registry, responses)
                .gauge("sluice.response.bytes", "Bytes of responses that wait for clients", ResponseBytes::held)
                .counter("sluice.response.refused", "Responses refused at the limit", ResponseBytes::refused);
    }
}
