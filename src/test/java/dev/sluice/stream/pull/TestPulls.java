package dev.sluice.stream.pull;

import dev.sluice.nats.NatsLink;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.support.Broker;
import dev.sluice.support.ManagementCall;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.TestConnections;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Options;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.awaitility.Awaitility;

/** Pull subscriptions on their own link, and a second connection for setup and inspection. */
public final class TestPulls implements AutoCloseable {
    static final String STREAM = "WORK";
    static final ConsumerRef REF = new ConsumerRef(STREAM, "worker");
    private static final Map<String, String> QUICK = Map.of("expires", "2s", "heartbeat", "500ms");
    private static final int PUBLISHED_AT_ONCE = 1000;

    final NatsLink link;
    final PullSubscriptions pulls;
    final PullCounters counters;
    final Connection side;
    private final int replicas;

    /** @param keys keys of {@code sluice.pull}, without the prefix */
    TestPulls(NatsServer server, Map<String, String> keys) {
        this(server.url(), keys);
    }

    /** @param urls comma-separated URLs of a cluster */
    TestPulls(String urls, Map<String, String> keys) {
        this(urls, 1, keys);
    }

    /** Uses the broker's number of replicas for streams. */
    TestPulls(Broker broker, Map<String, String> keys) {
        this(broker.urls(), broker.replicas(), keys);
    }

    TestPulls(Broker broker) {
        this(broker, QUICK);
    }

    private TestPulls(String urls, int replicas, Map<String, String> keys) {
        this.replicas = replicas;
        link = TestLinks.link(Map.of("servers", urls));
        Awaitility.await().atMost(Timeouts.LIMIT).until(link::up);
        pulls = subscriptions(link, keys);
        counters = pulls.counters();
        side = connect(urls);
    }

    /** Connects to a cluster, with short timeouts. */
    public TestPulls(NatsCluster cluster) {
        this(cluster.urls(), QUICK);
    }

    public TestPulls(NatsServer server) {
        this(server, QUICK);
    }

    public static PullSubscriptions subscriptions(NatsLink link) {
        return subscriptions(link, QUICK);
    }

    private static PullSubscriptions subscriptions(NatsLink link, Map<String, String> keys) {
        PullConfig config = config(keys);
        return new PullSubscriptions(link, api(link, config), config);
    }

    private static JetStreamApi api(NatsLink link, PullConfig config) {
        return new JetStreamApi(link, config.apiPrefix(), config.apiTimeout());
    }

    /** @param keys keys of {@code sluice.push}, without the prefix */
    static PushSubscriptions pushes(NatsLink link, Map<String, String> keys) {
        Map<String, String> properties = new HashMap<>();
        keys.forEach((key, value) -> properties.put("sluice.push." + key, value));
        PullConfig config = config(QUICK);
        return new PushSubscriptions(link, api(link, config), Settings.of(PushConfig.class, properties), config);
    }

    static PullConfig config(Map<String, String> keys) {
        Map<String, String> properties = new HashMap<>();
        keys.forEach((key, value) -> properties.put("sluice.pull." + key, value));
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(PullConfig.class)
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .build()
                .getConfigMapping(PullConfig.class);
    }

    /**
     * Creates an empty stream {@link #STREAM} with subject {@code work.>}, replaces an existing one, and waits for its
     * leader.
     */
    void emptyStream(StorageType storage) {
        StreamConfiguration empty = StreamConfiguration.builder()
                .name(STREAM)
                .subjects("work.>")
                .storageType(storage)
                .replicas(replicas)
                .build();
        repeat(management -> !management.getStreamNames().contains(STREAM) || management.deleteStream(STREAM));
        repeat(management -> management.addStream(empty) != null);
        awaitLeader(management -> management.getStreamInfo(STREAM).getClusterInfo());
    }

    /** Repeats a request that a cluster on a busy machine has not answered in time. */
    private void repeat(ManagementCall<Boolean> request) {
        Awaitility.await()
                .atMost(Broker.AGREEMENT)
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> manage(request));
    }

    ConsumerDefinition durable() {
        return ConsumerDefinition.durable(REF);
    }

    void declare(ConsumerDefinition definition) {
        declare(definition.toConfiguration());
    }

    /** Creates or updates the consumer and waits for its leader. */
    void declare(ConsumerConfiguration configuration) {
        ConsumerInfo declared = manage(management -> management.addOrUpdateConsumer(STREAM, configuration));
        awaitLeader(management ->
                management.getConsumerInfo(STREAM, declared.getName()).getClusterInfo());
    }

    private void awaitLeader(ManagementCall<ClusterInfo> led) {
        if (replicas > 1) {
            Awaitility.await()
                    .atMost(Broker.AGREEMENT)
                    .ignoreExceptions()
                    .until(() -> manage(led).getLeader() != null);
        }
    }

    ConsumerInfo info() {
        return manage(management -> management.getConsumerInfo(STREAM, REF.consumer()));
    }

    long lastSequence() {
        return manage(
                management -> management.getStreamInfo(STREAM).getStreamState().getLastSequence());
    }

    void deleteConsumer() {
        manage(management -> management.deleteConsumer(STREAM, REF.consumer()));
    }

    void publish(int count) {
        publish(count, i -> Integer.toString(i).getBytes(StandardCharsets.UTF_8));
    }

    /** Publishes the messages in order and waits for all acks. */
    void publish(int count, IntFunction<byte[]> payload) {
        List<CompletableFuture<PublishAck>> acks = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                acks.add(side.jetStream().publishAsync("work.item", payload.apply(i)));
                if (acks.size() == PUBLISHED_AT_ONCE) {
                    join(acks);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        join(acks);
    }

    private static void join(List<CompletableFuture<PublishAck>> acks) {
        acks.forEach(CompletableFuture::join);
        acks.clear();
    }

    AssertSubscriber<Delivery> subscribe(ConsumerRef ref, long demand) {
        return pulls.pull(ref, pulls.options()).subscribe().withSubscriber(AssertSubscriber.create(demand));
    }

    AssertSubscriber<Delivery> subscribe(ConsumerDefinition definition, long demand) {
        return pulls.pull(definition, pulls.options()).subscribe().withSubscriber(AssertSubscriber.create(demand));
    }

    void reconnect() {
        try {
            link.connection().forceReconnect();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public <T> T manage(ManagementCall<T> action) {
        return ManagementCall.make(side, action);
    }

    private static Connection connect(String urls) {
        return TestConnections.open(Options.builder()
                .server(urls)
                .connectionTimeout(Duration.ofSeconds(10))
                .maxReconnects(-1)
                .reconnectWait(Duration.ofMillis(20)));
    }

    @Override
    public void close() {
        pulls.close();
        link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        try {
            side.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
