package dev.sluice.ops;

import dev.sluice.stream.pull.PullCounters;
import dev.sluice.stream.pull.PushSubscriptions;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Meters of push consumers: deliveries, dropped messages and unsent acks. */
@Singleton
final class PushMeters implements MeterBinder {
    private final PushSubscriptions pushes;

    @Inject
    PushMeters(PushSubscriptions pushes) {
        this.pushes = pushes;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new MeterBinding<>(registry, pushes)
                .counter("sluice.push.dropped", "Messages an overflow policy dropped", PushSubscriptions::dropped);
        new MeterBinding<>(registry, pushes.counters())
                .counter("sluice.push.delivered", "Deliveries handed on", PullCounters::delivered)
                .counter("sluice.push.redelivered", "Deliveries that were not the first", PullCounters::redelivered)
                .counter(
                        "sluice.push.missed.heartbeats",
                        "Times that a consumer was silent",
                        PullCounters::missedHeartbeats)
                .counter("sluice.push.unsent.acks", "Settlements that could not be sent", PullCounters::unsentAcks);
    }
}
