package dev.sluice.ops;

import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.topology.Topology;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Reports ready while both connections to NATS are up and all declared streams and consumers are in place. An
 * outage of NATS does not end liveness: a restart of the service does not restore NATS.
 */
@Readiness
@Singleton
final class ReadinessCheck implements HealthCheck {
    private final NatsLinks links;
    private final Topology topology;

    @Inject
    ReadinessCheck(NatsLinks links, Topology topology) {
        this.links = links;
        this.topology = topology;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("nats");
        for (NatsLink link : List.of(links.publishing(), links.consuming())) {
            response.withData(link.name(), link.up() ? "connected" : "not connected");
        }
        topology.problems().forEach(response::withData);
        return response.status(links.publishing().up() && links.consuming().up() && topology.inPlace())
                .build();
    }
}
