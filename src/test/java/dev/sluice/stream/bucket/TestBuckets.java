package dev.sluice.stream.bucket;

import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.publish.TestPublishing;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.pull.PullSubscriptions;
import dev.sluice.stream.pull.TestPulls;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;

/** Buckets on a server, with the components that they need. */
public final class TestBuckets implements AutoCloseable {
    private final NatsLink link;
    private final StoredPublisher publisher;
    private final PullSubscriptions pulls;
    private final Buckets buckets;

    public TestBuckets(NatsServer server) {
        this(TestLinks.linkTo(server));
    }

    /** @param link the link to use, which {@link #close} drains */
    TestBuckets(NatsLink link) {
        this.link = link;
        publisher = TestPublishing.publisher(link);
        pulls = TestPulls.subscriptions(link);
        BucketConfig config = Settings.of(BucketConfig.class, Map.of("sluice.bucket.declare-again", "100ms"));
        JetStreamApi api = new JetStreamApi(link, JetStreamApi.DEFAULT_PREFIX, config.timeout());
        buckets = new Buckets(link, api, publisher, pulls, config);
    }

    public Buckets buckets() {
        return buckets;
    }

    public Bucket open(BucketDefinition definition) {
        return buckets.open(definition);
    }

    /** Opens the bucket and waits until the server has created it. */
    public Bucket declared(BucketDefinition definition) {
        Bucket bucket = open(definition);
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(bucket::exists);
        return bucket;
    }

    /** Returns the catalog of all buckets at the server of {@code links}. */
    BucketCatalog catalog(NatsLinks links) {
        return new BucketCatalog(
                new JetStreamApis(links, Settings.of(PullConfig.class, Map.of())),
                buckets,
                Settings.of(BucketConfig.class, Map.of("sluice.bucket.timeout", "20s")));
    }

    public static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(60));
    }

    @Override
    public void close() {
        buckets.close();
        pulls.close();
        publisher.close();
        link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
    }
}
