package dev.sluice.ops;

import dev.sluice.events.EventsConfig;
import dev.sluice.events.TailService;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Meters of tails, of the published log, and of service events. */
@Singleton
final class TailMeters implements MeterBinder {
    private final TailService tails;
    private final EventsConfig config;
    private final LogShipping logs;
    private final ServiceEvents serviceEvents;

    @Inject
    TailMeters(TailService tails, EventsConfig config, LogShipping logs, ServiceEvents serviceEvents) {
        this.tails = tails;
        this.config = config;
        this.logs = logs;
        this.serviceEvents = serviceEvents;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new MeterBinding<>(registry, tails)
                .gauge("sluice.tails.open", "Open tails", TailService::count)
                .gauge(
                        "sluice.tails.watches",
                        "Open tails that watch a bucket or an object store",
                        TailService::watches)
                .gauge(
                        "sluice.tails.subscriptions",
                        "Distinct sets of subjects that tails share",
                        TailService::subscriptions)
                .gauge(
                        "sluice.tails.cursors",
                        "Distinct parts of streams that are followed for them",
                        TailService::cursors)
                .counter("sluice.tails.pages", "Pages of history read for single clients", TailService::pages)
                .gauge("sluice.tails.pages.waiting", "Pages that wait for their turn", TailService::pagesWaiting)
                .counter(
                        "sluice.tails.fell.behind",
                        "Times that a client of a stream was served from the stream, as it was too slow",
                        TailService::fellBehind)
                .counter(
                        "sluice.tails.gaps",
                        "Times that messages were removed before a client received them",
                        TailService::gaps)
                .counter(
                        "sluice.tails.dropped",
                        "Messages that slow clients missed, over all clients",
                        TailService::dropped)
                .counter(
                        "sluice.tails.filter.lost",
                        "Messages that filters were too slow to look at, over all distinct filters",
                        TailService::filterDropped)
                .counter("sluice.tails.refused", "Tails refused at the limit", TailService::refused);
        new MeterBinding<>(registry, config)
                .gauge("sluice.tails.limit", "Tails that may be open", EventsConfig::maxConnections);
        new MeterBinding<>(registry, logs)
                .counter("sluice.logs.dropped", "Log records that were not shipped", LogShipping::dropped);
        new MeterBinding<>(registry, serviceEvents)
                .counter("sluice.service.events", "Service events that were logged", ServiceEvents::seen);
    }
}
