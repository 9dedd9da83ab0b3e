package dev.sluice.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketDefinition;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.TestBuckets;
import dev.sluice.stream.message.StoredMessages;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.topology.TopologyConfig;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.TestStreams;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Reads through the leader of a stream that is separated from the other two servers. They store more under another
 * leader, of which the old one does not know for some seconds.
 */
class LeaderWithoutMajorityIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final BucketKey KEY = new BucketKey("new");

    private final NatsCluster cluster = NatsCluster.behindProxies().awaitJetStream();
    private TestBuckets buckets;
    private NatsLinks links;
    private Bucket bucket;
    private StoredMessages messages;

    @BeforeEach
    void separateTheLeader() {
        BucketDefinition definition = new BucketDefinition("LED", 1, Duration.ofHours(1), 3, -1);
        try (TestBuckets any = new TestBuckets(cluster.server("n0"))) {
            any.declared(definition);
        }
        cluster.awaitCurrent("KV_LED");
        String leader = cluster.awaitStreamLeader("KV_LED");
        NatsServer separated = cluster.server(leader);
        buckets = new TestBuckets(separated);
        bucket = buckets.declared(definition);
        links = TestLinks.to(separated);
        messages = new StoredMessages(
                links, Settings.of(TopologyConfig.class, Map.of()), Settings.of(PullConfig.class, Map.of()));
        cluster.partition(leader);
        try (TestStreams others = new TestStreams(cluster.serversBut(leader).get(0))) {
            others.storeOnce("$KV.LED." + KEY.value(), "value");
        }
    }

    @AfterEach
    void close() {
        // First, because the others are missing if the set-up has failed.
        cluster.close();
        buckets.close();
        links.close();
    }

    @Test
    void anEmptyAnswerIsNotTrusted() {
        assertUnavailable(() -> bucket.last(KEY, 0).await().atMost(SOON));
        assertUnavailable(() -> bucket.latest(KEY).await().atMost(SOON));
        assertUnavailable(() -> bucket.at(KEY, 1).await().atMost(SOON));
        assertUnavailable(() -> messages.get("KV_LED", 1).await().atMost(SOON));
    }

    private static void assertUnavailable(Runnable read) {
        assertThatThrownBy(read::run)
                .isInstanceOfSatisfying(SluiceException.class, thrown -> assertThat(thrown.failure())
                        .isEqualTo(Failure.UNAVAILABLE));
    }
}
