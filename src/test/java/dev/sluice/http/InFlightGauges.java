package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/** The gauges of what is under way for clients. */
public final class InFlightGauges {
    private static final List<String> NAMES = List.of(
            "http.server.active.requests",
            "sluice.publish.in.flight",
            "sluice.request.in.flight",
            "sluice.fetch.open",
            "sluice.object.uploads",
            "sluice.object.downloads",
            "sluice.tails.open",
            "sluice.tails.watches",
            "sluice.tails.subscriptions",
            "sluice.tails.cursors");

    private InFlightGauges() {}

    public static void assertZero(MeterRegistry meters) {
        assertThat(NAMES)
                .allSatisfy(name ->
                        assertThat(meters.get(name).gauge().value()).as(name).isZero());
    }
}
