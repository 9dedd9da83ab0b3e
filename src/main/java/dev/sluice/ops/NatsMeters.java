package dev.sluice.ops;

import dev.sluice.nats.ConnectionEvent;
import dev.sluice.nats.ConnectionEvents;
import dev.sluice.nats.CorePublisher;
import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.DeniedSubjects;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.Requester;
import dev.sluice.nats.Responders;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** Meters of the connections to NATS and of core NATS messages. */
@Singleton
final class NatsMeters implements MeterBinder {
    private final NatsLinks links;
    private final CoreSubscriptions subscriptions;
    private final CorePublisher publisher;
    private final Requester requester;
    private final Responders responders;

    @Inject
    NatsMeters(
            NatsLinks links,
            CoreSubscriptions subscriptions,
            CorePublisher publisher,
            Requester requester,
            Responders responders) {
        this.links = links;
        this.subscriptions = subscriptions;
        this.publisher = publisher;
        this.requester = requester;
        this.responders = responders;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (NatsLink link : List.of(links.publishing(), links.consuming())) {
            new MeterBinding<>(registry, link)
                    .gauge(
                            "sluice.nats.connected",
                            "1 while the connection to NATS is up",
                            it -> it.up() ? 1 : 0,
                            "link",
                            link.name());
        }
        MeterBinding<ConnectionEvents> events = new MeterBinding<>(registry, links.events());
        for (ConnectionEvent event : ConnectionEvent.values()) {
            events.counter(
                    "sluice.nats.events",
                    "What happened to the connections to NATS",
                    it -> it.count(event),
                    "event",
                    MeterBinding.tag(event));
        }
        new MeterBinding<>(registry, subscriptions)
                .counter("sluice.subscribe.dropped", "Messages an overflow policy dropped", CoreSubscriptions::dropped);
        new MeterBinding<>(registry, publisher)
                .counter("sluice.publish.core", "Messages handed to core NATS", CorePublisher::published);
        new MeterBinding<>(registry, links.publishing().denied())
                .counter(
                        "sluice.publish.core.denied",
                        "Messages rejected because the server had denied their subject",
                        DeniedSubjects::refused)
                .counter(
                        "sluice.nats.denied.forgotten",
                        "Times that all denied subjects were discarded because there were too many",
                        DeniedSubjects::forgotten);
        new MeterBinding<>(registry, requester)
                .gauge("sluice.request.in.flight", "Requests that wait for their reply", Requester::inFlight)
                .counter("sluice.request.sent", "Requests sent", Requester::sent)
                .counter("sluice.request.timeouts", "Requests without a reply in time", Requester::timeouts)
                .counter("sluice.request.unserved", "Requests without responders", Requester::unserved)
                .counter(
                        "sluice.request.overflows",
                        "Requests whose client took replies too slowly",
                        Requester::overflows);
        new MeterBinding<>(registry, responders)
                .gauge("sluice.respond.in.flight", "Requests that are worked on", Responders::inFlight)
                .counter("sluice.respond.answered", "Requests answered, also by an error", Responders::answered)
                .counter("sluice.respond.errors", "Requests answered by an error", Responders::errors);
    }
}
