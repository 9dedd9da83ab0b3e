package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketConfig;
import dev.sluice.stream.bucket.BucketDefinition;
import dev.sluice.stream.bucket.Buckets;
import dev.sluice.stream.publish.PublishConfig;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.publish.TestPublishing;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.pull.PullSubscriptions;
import dev.sluice.stream.topology.Topology;
import dev.sluice.stream.topology.TopologyConfig;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import java.time.Duration;
import java.util.Map;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReadinessCheckIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final NatsServer server = NatsServer.started();
    private final NatsLinks links = TestLinks.to(server);
    private final PullConfig pullConfig = Settings.of(PullConfig.class, Map.of());
    private final JetStreamApis jetStream = new JetStreamApis(links, pullConfig);
    private final StoredPublisher publisher =
            TestPublishing.publisher(links.publishing(), Settings.of(PublishConfig.class, Map.of()));
    private final PullSubscriptions pulls = new PullSubscriptions(links, jetStream, pullConfig);
    private final Topology topology = new Topology(links, jetStream, Settings.of(TopologyConfig.class, Map.of()));
    private final Buckets buckets =
            new Buckets(links, jetStream, publisher, pulls, Settings.of(BucketConfig.class, Map.of()));
    private final ReadinessCheck check = new ReadinessCheck(links, topology, buckets);

    @AfterEach
    void close() {
        buckets.close();
        topology.close();
        pulls.close();
        publisher.close();
        links.close();
        server.close();
    }

    @Test
    void isUpWithABucketAsDefined() {
        awaitFound(buckets.open(BucketDefinition.of("MINE")));

        await().atMost(SOON)
                .untilAsserted(() -> assertThat(check.call().getStatus()).isEqualTo(HealthCheckResponse.Status.UP));
    }

    /** Older servers permit any number of replicas on a single server. */
    @Test
    void namesABucketThatTheServerRefusesToChange() {
        awaitFound(buckets.open(BucketDefinition.of("MINE")));
        assumeTrue(links.publishing().connection().getServerInfo().isSameOrNewerThanVersion("2.15.0"));

        awaitFound(buckets.open(new BucketDefinition("MINE", 1, Duration.ZERO, 3, -1)));

        assertThat(check.call().getStatus()).isEqualTo(HealthCheckResponse.Status.DOWN);
        assertThat(check.call().getData())
                .hasValueSatisfying(data -> assertThat(data).containsKey("bucket MINE"));
    }

    @Test
    void namesABucketThatTheServerRefusesToCreate() {
        buckets.open(new BucketDefinition("MINE", 1, Duration.ZERO, 3, -1));

        await().atMost(SOON).untilAsserted(() -> assertThat(check.call().getData())
                .hasValueSatisfying(data -> assertThat(data).containsKey("bucket MINE")));
    }

    private static void awaitFound(Bucket bucket) {
        await().atMost(SOON).until(bucket::exists);
    }
}
