package dev.sluice.ops;

import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.bucket.Buckets;
import dev.sluice.stream.topology.Topology;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Reports ready while both connections to NATS are up and all declared streams and consumers are in place, and the
 * server has refused none of the buckets that Sluice keeps. An outage of NATS does not end liveness: a restart of the
 * service does not restore NATS.
 */
@Readiness
@Singleton
final class ReadinessCheck implements HealthCheck {
    private final NatsLinks links;
    private final Topology topology;
    private final Buckets buckets;

    @Inject
    ReadinessCheck(NatsLinks links, Topology topology, Buckets buckets) {
        this.links = links;
        this.topology = topology;
        this.buckets = buckets;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("nats");
        for (NatsLink link : List.of(links.publishing(), links.consuming())) {
            response.withData(link.name(), link.up() ? "connected" : "not connected");
        }
        Map<String, String> problems = topology.problems();
        problems.putAll(buckets.problems());
        problems.forEach(response::withData);
        return response.status(links.publishing().up() && links.consuming().up() && problems.isEmpty())
                .build();
    }
}
