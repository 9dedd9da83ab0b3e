package dev.sluice.ops;

import dev.sluice.failure.Failure;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.publish.AtomicPublisher;
import dev.sluice.stream.publish.PublishCounters;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.pull.PullCounters;
import dev.sluice.stream.pull.PullSubscriptions;
import dev.sluice.stream.topology.Backlogs;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Meters of JetStream: stored publishes, pull subscriptions, and the backlog of the declared consumers. */
@Singleton
final class StreamMeters implements MeterBinder {
    private static final Set<Failure> PUBLISH_FAILURES = EnumSet.of(
            Failure.FORBIDDEN,
            Failure.NO_STREAM,
            Failure.IN_PROCESS,
            Failure.WRONG_SEQUENCE,
            Failure.TOO_LARGE,
            Failure.STREAM_FULL,
            Failure.INVALID,
            Failure.NOT_SUPPORTED,
            Failure.OVERLOADED,
            Failure.UNAVAILABLE,
            Failure.OUTCOME_UNKNOWN);

    private final StoredPublisher publisher;
    private final AtomicPublisher batches;
    private final PullSubscriptions pulls;
    private final Backlogs backlogs;

    @Inject
    StreamMeters(StoredPublisher publisher, AtomicPublisher batches, PullSubscriptions pulls, Backlogs backlogs) {
        this.publisher = publisher;
        this.batches = batches;
        this.pulls = pulls;
        this.backlogs = backlogs;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        bindPublishes(registry);
        new MeterBinding<>(registry, batches)
                .counter(
                        "sluice.publish.batches.stored", "Atomic batches that a stream stored", AtomicPublisher::stored)
                .counter("sluice.publish.batches.refused", "Atomic batches that failed", AtomicPublisher::refused);
        bindPulls(registry);
        bindBacklogs(registry);
    }

    private void bindPublishes(MeterRegistry registry) {
        new MeterBinding<>(registry, publisher)
                .gauge(
                        "sluice.publish.in.flight",
                        "Stored publishes that wait for their receipt",
                        StoredPublisher::inFlight);
        MeterBinding<PublishCounters> counters = new MeterBinding<>(registry, publisher.counters())
                .counter("sluice.publish.stored", "Messages a stream stored", PublishCounters::stored)
                .counter("sluice.publish.duplicates", "Messages a stream had already", PublishCounters::duplicates)
                .counter("sluice.publish.resent", "Publishes sent again", PublishCounters::resent)
                .counter(
                        "sluice.publish.unrecognized",
                        "Replies to publishes that are not from JetStream",
                        PublishCounters::unrecognized)
                .counter("sluice.publish.batches", "Fast-ingest batches begun", PublishCounters::batches)
                .counter(
                        "sluice.publish.batches.broken",
                        "Fast-ingest batches that ended early",
                        PublishCounters::brokenBatches);
        for (Failure failure : PUBLISH_FAILURES) {
            counters.counter(
                    "sluice.publish.refused",
                    "Stored publishes that failed",
                    it -> it.refused(failure),
                    "failure",
                    MeterBinding.tag(failure));
        }
        Timer receipts = LatencyTimers.timer(
                        "sluice.publish.ack", "From a publish to its receipt, sending again included")
                .register(registry);
        publisher.counters().time(nanos -> receipts.record(nanos, TimeUnit.NANOSECONDS));
    }

    private void bindPulls(MeterRegistry registry) {
        new MeterBinding<>(registry, pulls.counters())
                .gauge("sluice.pull.subscriptions", "Open pull subscriptions", PullCounters::active)
                .gauge("sluice.pull.outstanding", "Messages requested and not received yet", PullCounters::outstanding)
                .counter("sluice.pull.delivered", "Deliveries handed to workers", PullCounters::delivered)
                .counter("sluice.pull.redelivered", "Deliveries that were not the first", PullCounters::redelivered)
                .counter("sluice.pull.resets", "Times that open pulls were abandoned", PullCounters::resets)
                .counter(
                        "sluice.pull.created.consumers",
                        "Consumers that a subscription created",
                        PullCounters::consumersCreated)
                .counter(
                        "sluice.pull.missed.heartbeats",
                        "Times that a consumer was silent for two heartbeats",
                        PullCounters::missedHeartbeats)
                .counter(
                        "sluice.pull.missing",
                        "Messages that a fetch was granted and did not receive in time",
                        PullCounters::missing)
                .counter("sluice.pull.unreadable", "Messages that could not be read", PullCounters::unreadable)
                .counter("sluice.pull.unsent.acks", "Settlements that could not be sent", PullCounters::unsentAcks);
    }

    private void bindBacklogs(MeterRegistry registry) {
        MeterBinding<Backlogs> behind = new MeterBinding<>(registry, backlogs);
        for (ConsumerRef consumer : backlogs.consumers()) {
            String[] tags = {"stream", consumer.stream(), "consumer", consumer.consumer()};
            behind.gauge(
                            "sluice.consumer.pending",
                            "Messages a consumer has not delivered yet",
                            it -> it.of(consumer).pending(),
                            tags)
                    .gauge(
                            "sluice.consumer.unacknowledged",
                            "Messages delivered and not settled yet",
                            it -> it.of(consumer).unacknowledged(),
                            tags)
                    .gauge(
                            "sluice.consumer.redelivered",
                            "Unsettled messages that were delivered more than once",
                            it -> it.of(consumer).redelivered(),
                            tags);
        }
    }
}
