package dev.sluice.ops;

import dev.sluice.nats.ConnectionEvent;
import dev.sluice.nats.NatsLinks;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/**
 * Reports alive until a connection to NATS has given up ({@code sluice.nats.max-reconnects}). Only a restart of the service
 * brings that connection back; an outage of NATS alone needs none.
 */
@Liveness
@Singleton
final class LivenessCheck implements HealthCheck {
    private final NatsLinks links;

    @Inject
    LivenessCheck(NatsLinks links) {
        this.links = links;
    }

    @Override
    public HealthCheckResponse call() {
        boolean gaveUp = links.events().count(ConnectionEvent.GAVE_UP) > 0;
        return HealthCheckResponse.named("reconnects").status(!gaveUp).build();
    }
}
