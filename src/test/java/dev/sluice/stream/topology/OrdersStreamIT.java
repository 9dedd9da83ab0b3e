package dev.sluice.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.NatsLink;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** The stream {@code ORDERS} and its two durable consumers, with the default configuration. */
class OrdersStreamIT {

    @Test
    void isDeclaredAsShippedWithItsConsumers() throws Exception {
        try (NatsServer server = NatsServer.started();
                Connection side = Nats.connect(server.url())) {
            NatsLink link = TestLinks.linkTo(server);
            TopologyConfig config = Settings.of(TopologyConfig.class, shipped());
            Topology topology =
                    new Topology(link, new JetStreamApi(link, JetStreamApi.DEFAULT_PREFIX, config.timeout()), config);
            await().atMost(Timeouts.LIMIT).until(topology::inPlace);
            JetStreamManagement jetStream = side.jetStreamManagement();

            StreamConfiguration orders = jetStream.getStreamInfo("ORDERS").getConfiguration();
            assertThat(orders.getSubjects()).containsExactly("orders.>");
            assertThat(orders.getStorageType()).isEqualTo(StorageType.File);
            assertThat(orders.getRetentionPolicy()).isEqualTo(RetentionPolicy.Limits);
            assertThat(orders.getMaxAge()).isEqualTo(Duration.ofDays(7));
            assertThat(orders.getReplicas()).isEqualTo(1);
            assertThat(orders.getDiscardPolicy()).isEqualTo(DiscardPolicy.Old);
            durable(jetStream, "order-processor");
            durable(jetStream, "order-batch-processor");

            topology.close();
            link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        }
    }

    /** An existing stream keeps the replicas that an operator has given it. */
    @Test
    void declaresNoNumberOfReplicasAsShipped() throws Exception {
        assertThat(shipped())
                .hasEntrySatisfying("sluice.topology.streams.ORDERS.replicas", none -> assertThat(none)
                        .isEmpty())
                .allSatisfy((key, value) -> assertThat(key.matches("sluice\\.topology\\..*\\.replicas") ? value : "")
                        .isEmpty());
    }

    private static void durable(JetStreamManagement jetStream, String name) throws Exception {
        ConsumerConfiguration consumer =
                jetStream.getConsumerInfo("ORDERS", name).getConsumerConfiguration();
        assertThat(consumer.getDurable()).isEqualTo(name);
        assertThat(consumer.getFilterSubject()).isEqualTo("orders.created");
        assertThat(consumer.getAckPolicy()).isEqualTo(AckPolicy.Explicit);
        assertThat(consumer.getMaxDeliver()).isEqualTo(5);
        assertThat(consumer.getAckWait()).isEqualTo(Duration.ofSeconds(30));
    }

    /** Returns the service's default configuration, without any profile. */
    private static Map<String, String> shipped() throws IOException {
        Properties properties = new Properties();
        try (InputStream file = TopologyConfig.class.getResourceAsStream("/application.properties")) {
            properties.load(file);
        }
        Map<String, String> keys = new HashMap<>();
        properties.forEach((key, value) -> keys.put(key.toString(), value.toString()));
        keys.keySet().removeIf(key -> !key.startsWith("sluice."));
        return keys;
    }
}
