package dev.sluice.ops;

import dev.sluice.events.EventsConfig;
import dev.sluice.events.Tails;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** The event streams, the service's own log as messages, and what other services tell. */
@Singleton
final class TailMeters implements MeterBinder {
    private final Tails tails;
    private final EventsConfig config;
    private final LogShipping logs;
    private final ServiceEvents serviceEvents;

    @Inject
    TailMeters(Tails tails, EventsConfig config, LogShipping logs, ServiceEvents serviceEvents) {
        this.tails = tails;
        this.config = config;
        this.logs = logs;
        this.serviceEvents = serviceEvents;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new Readings<>(registry, tails)
                .gauge("sluice.tails.open", "Open event streams", Tails::count)
                .gauge(
                        "sluice.tails.subscriptions",
                        "Distinct sets of subjects that event streams share",
                        Tails::subscriptions)
                .counter("sluice.tails.dropped", "Messages that slow clients missed, over all clients", Tails::dropped)
                .counter("sluice.tails.refused", "Event streams refused at the limit", Tails::refused);
        new Readings<>(registry, config)
                .gauge("sluice.tails.limit", "Event streams that may be open", EventsConfig::maxConnections);
        new Readings<>(registry, logs)
                .counter("sluice.logs.dropped", "Log records that were not shipped", LogShipping::dropped);
        new Readings<>(registry, serviceEvents)
                .counter(
                        "sluice.service.events", "Events that services told and that were logged", ServiceEvents::seen);
    }
}
