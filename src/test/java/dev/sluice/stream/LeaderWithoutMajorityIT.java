package dev.sluice.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketDefinition;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.TestBuckets;
import dev.sluice.stream.message.StoredMessages;
import dev.sluice.stream.object.AnyContent;
import dev.sluice.stream.object.ObjectConfig;
import dev.sluice.stream.object.ObjectName;
import dev.sluice.stream.object.ObjectStoreName;
import dev.sluice.stream.object.ObjectStores;
import dev.sluice.stream.publish.PublishConfig;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.publish.TestPublishing;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.topology.TopologyConfig;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.nats.client.api.ObjectStoreConfiguration;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Reads through the leader of a stream that is separated from the other two servers. They store more under another
 * leader, of which the old one does not know for some seconds.
 */
@Tag("slow")
class LeaderWithoutMajorityIT {
    private static final BucketKey KEY = new BucketKey("new");

    private final NatsCluster cluster = NatsCluster.behindProxies();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void anEmptyAnswerIsNotTrusted() {
        BucketDefinition definition = new BucketDefinition("LED", 1, Duration.ofHours(1), 3, -1);
        try (TestBuckets any = new TestBuckets(cluster.server("n0"))) {
            any.declared(definition);
        }
        NatsServer leader = leaderOf("KV_LED");
        try (TestBuckets buckets = new TestBuckets(leader);
                NatsLinks links = TestLinks.to(leader)) {
            Bucket bucket = buckets.declared(definition);
            StoredMessages messages = new StoredMessages(jetStream(links), Settings.of(TopologyConfig.class, Map.of()));

            separate("KV_LED", "$KV.LED." + KEY.value(), "value");

            assertUnavailable(() -> bucket.last(KEY, 0).await().atMost(Timeouts.LIMIT));
            assertUnavailable(() -> bucket.latest(KEY).await().atMost(Timeouts.LIMIT));
            assertUnavailable(() -> bucket.at(KEY, 1).await().atMost(Timeouts.LIMIT));
            assertUnavailable(() -> messages.get("KV_LED", 1).await().atMost(Timeouts.LIMIT));
        }
    }

    @Test
    void anObjectIsNotSaidToBeAbsent() {
        ObjectStoreName store = new ObjectStoreName("LED");
        ObjectName name = new ObjectName("new");
        PublishConfig publishing = Settings.of(PublishConfig.class, Map.of());
        await().atMost(Timeouts.LIMIT)
                .ignoreExceptions()
                .until(() -> cluster.connection()
                                .objectStoreManagement()
                                .create(ObjectStoreConfiguration.builder("LED")
                                        .replicas(3)
                                        .build())
                        != null);
        try (NatsLinks links = TestLinks.to(leaderOf("OBJ_LED"));
                StoredPublisher publisher = TestPublishing.publisher(links.publishing(), publishing)) {
            ObjectStores stores = new ObjectStores(
                    links, jetStream(links), publisher, publishing, Settings.of(ObjectConfig.class, Map.of()));

            separate("OBJ_LED", "$O.LED.M.bmV3", "{\"name\":\"new\",\"bucket\":\"LED\",\"nuid\":\"id\"}");

            assertUnavailable(() -> stores.find(store, name).await().atMost(Timeouts.LIMIT));
            assertUnavailable(
                    () -> stores.delete(store, name, any -> Uni.createFrom().item(true))
                            .await()
                            .atMost(Timeouts.LIMIT));
            assertUnavailable(() -> stores.put(
                            store,
                            name,
                            Map.of(),
                            present -> Uni.createFrom().item(present.isPresent()),
                            Multi.createFrom().empty(),
                            new AnyContent())
                    .await()
                    .atMost(Timeouts.LIMIT));
        }
    }

    private static JetStreamApis jetStream(NatsLinks links) {
        return new JetStreamApis(links, Settings.of(PullConfig.class, Map.of()));
    }

    private NatsServer leaderOf(String stream) {
        cluster.awaitCurrent(stream);
        return cluster.server(cluster.awaitStreamLeader(stream));
    }

    /** Separates the leader of the stream. The others store a message. */
    private void separate(String stream, String subject, String message) {
        String leader = cluster.awaitStreamLeader(stream);
        cluster.partition(leader);
        try (TestStreams others = new TestStreams(cluster.serversBut(leader).get(0))) {
            others.storeOnce(subject, message);
        }
    }

    private static void assertUnavailable(Runnable read) {
        assertThatThrownBy(read::run)
                .isInstanceOfSatisfying(SluiceException.class, thrown -> assertThat(thrown.failure())
                        .isEqualTo(Failure.UNAVAILABLE));
    }
}
