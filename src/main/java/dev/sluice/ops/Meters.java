package dev.sluice.ops;

import dev.sluice.events.Tails;
import dev.sluice.failure.Failure;
import dev.sluice.nats.ConnectionEvent;
import dev.sluice.nats.CorePublisher;
import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.publish.StoredPublisher;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Shows the counters of the other packages to Prometheus. They count for themselves and know no meters; every tag is
 * from a closed set, never something a client sent; nothing that is read here can block.
 */
@Singleton
final class Meters implements MeterBinder {
    private static final Set<Failure> PUBLISH_FAILURES = EnumSet.of(
            Failure.NO_STREAM,
            Failure.WRONG_SEQUENCE,
            Failure.TOO_LARGE,
            Failure.STREAM_FULL,
            Failure.INVALID,
            Failure.NOT_SUPPORTED,
            Failure.OVERLOADED,
            Failure.UNAVAILABLE,
            Failure.OUTCOME_UNKNOWN);

    private final NatsLinks links;
    private final CoreSubscriptions subscriptions;
    private final CorePublisher core;
    private final StoredPublisher stored;
    private final Tails tails;
    private final LogShipping logs;

    @Inject
    Meters(
            NatsLinks links,
            CoreSubscriptions subscriptions,
            CorePublisher core,
            StoredPublisher stored,
            Tails tails,
            LogShipping logs) {
        this.links = links;
        this.subscriptions = subscriptions;
        this.core = core;
        this.stored = stored;
        this.tails = tails;
        this.logs = logs;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (NatsLink link : List.of(links.publishing(), links.consuming())) {
            Gauge.builder("sluice.nats.connected", link, up -> up.up() ? 1 : 0)
                    .tag("link", link.name())
                    .description("1 while the connection to NATS is up")
                    .register(registry);
        }
        for (ConnectionEvent event : ConnectionEvent.values()) {
            FunctionCounter.builder("sluice.nats.events", links.events(), events -> events.count(event))
                    .tag("event", tag(event))
                    .description("What happened to the connections to NATS")
                    .register(registry);
        }
        counter(
                registry,
                "sluice.subscribe.dropped",
                "Messages an overflow policy dropped",
                subscriptions,
                CoreSubscriptions::dropped);
        counter(registry, "sluice.publish.core", "Messages handed to core NATS", core, CorePublisher::published);
        bindPublishes(registry);
        bindTails(registry);
        counter(registry, "sluice.logs.dropped", "Log records that were not shipped", logs, LogShipping::dropped);
    }

    private void bindPublishes(MeterRegistry registry) {
        Gauge.builder("sluice.publish.in.flight", stored, StoredPublisher::inFlight)
                .description("Stored publishes that wait for their receipt")
                .register(registry);
        counter(registry, "sluice.publish.stored", "Messages a stream stored", stored, it -> it.counters()
                .stored());
        counter(registry, "sluice.publish.duplicates", "Messages a stream had already", stored, it -> it.counters()
                .duplicates());
        counter(registry, "sluice.publish.resent", "Publishes sent again", stored, it -> it.counters()
                .resent());
        for (Failure failure : PUBLISH_FAILURES) {
            FunctionCounter.builder("sluice.publish.refused", stored, it -> it.counters()
                            .refused(failure))
                    .tag("failure", tag(failure))
                    .description("Stored publishes that failed")
                    .register(registry);
        }
    }

    private void bindTails(MeterRegistry registry) {
        Gauge.builder("sluice.tails.open", tails, Tails::count)
                .description("Open event streams")
                .register(registry);
        Gauge.builder("sluice.tails.subscriptions", tails, Tails::subscriptions)
                .description("Distinct sets of subjects that event streams share")
                .register(registry);
        counter(
                registry,
                "sluice.tails.dropped",
                "Messages that slow clients missed, over all clients",
                tails,
                Tails::dropped);
        counter(registry, "sluice.tails.refused", "Event streams refused at the limit", tails, Tails::refused);
    }

    private static <T> void counter(
            MeterRegistry registry, String name, String description, T owner, ToDoubleFunction<T> count) {
        FunctionCounter.builder(name, owner, count).description(description).register(registry);
    }

    private static String tag(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
