package dev.sluice.stream.bucket;

import static dev.sluice.stream.bucket.TestBuckets.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.Broker;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Buckets with three replicas. */
class BucketClusterIT {
    private static final BucketKey KEY = new BucketKey("A-17");

    private final NatsLinks links = TestLinks.to(Broker.CLUSTER);
    private TestBuckets nats;
    private Bucket bucket;

    @BeforeEach
    void declare() {
        Broker.CLUSTER.empty();
        nats = new TestBuckets(links.publishing());
        bucket = nats.declared(new BucketDefinition("LED", 1, Duration.ofHours(1), Broker.CLUSTER.replicas(), -1));
    }

    @AfterEach
    void close() {
        nats.close();
        links.close();
    }

    @RepeatedTest(3)
    void theLeaderHasEverySuccessfulWrite() {
        for (int i = 0; i < 300; i++) {
            long revision = await(bucket.put(KEY, new byte[] {1}));

            assertThat(await(bucket.latest(KEY)).orElseThrow().revision()).isEqualTo(revision);
        }
    }

    @Test
    void aChangeKeepsTheReplicasThatItDoesNotName() {
        BucketSettings settings = new BucketSettings(
                BucketDefinition.of("LED"), false, -1, Optional.empty(), Optional.empty(), Optional.of("changed"));

        BucketInfo changed = await(nats.catalog(links).declare(settings)).value();

        assertThat(changed.description()).isEqualTo("changed");
        assertThat(changed.replicas()).isEqualTo(Broker.CLUSTER.replicas());
    }
}
