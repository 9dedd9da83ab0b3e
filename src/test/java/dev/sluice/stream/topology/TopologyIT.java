package dev.sluice.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.NatsLink;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.pull.TestPulls;
import dev.sluice.support.LogRecords;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopologyIT {
    private static final Map<String, String> ORDERS = Map.of(
            "ORDERS.subjects", "orders.>",
            "ORDERS.max-age", "7d",
            "ORDERS.discard", "old",
            "ORDERS.replicas", "1",
            "ORDERS.consumers.order-processor.filter-subjects", "orders.created",
            "ORDERS.consumers.order-processor.max-deliver", "5");

    private NatsServer server;
    private TestPulls side;
    private NatsLink link;
    private Topology topology;

    @BeforeEach
    void startServer() {
        server = NatsServer.started();
        side = new TestPulls(server);
        link = TestLinks.linkTo(server);
    }

    @AfterEach
    void stopServer() {
        if (topology != null) {
            topology.close();
        }
        link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        side.close();
        server.close();
    }

    @Test
    void createsMissingStreamsAndConsumers() {
        apply(ORDERS);

        awaitInPlace();
        StreamConfiguration stream = stream("ORDERS");
        assertThat(stream.getSubjects()).containsExactly("orders.>");
        assertThat(stream.getMaxAge()).isEqualTo(Duration.ofDays(7));
        assertThat(stream.getStorageType()).isEqualTo(StorageType.File);
        assertThat(stream.getDiscardPolicy()).isEqualTo(DiscardPolicy.Old);
        ConsumerInfo consumer = consumer("ORDERS", "order-processor");
        assertThat(consumer.getConsumerConfiguration().getFilterSubject()).isEqualTo("orders.created");
        assertThat(consumer.getConsumerConfiguration().getMaxDeliver()).isEqualTo(5);
        assertThat(consumer.getConsumerConfiguration().getAckWait()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void updatesChangedSettingsAndKeepsTheRest() {
        side.manage(management -> management.addStream(StreamConfiguration.builder()
                .name("ORDERS")
                .subjects("orders.>")
                .description("set by hand")
                .maxAge(Duration.ofDays(1))
                .build()));

        apply(ORDERS);

        awaitInPlace();
        assertThat(stream("ORDERS").getMaxAge()).isEqualTo(Duration.ofDays(7));
        assertThat(stream("ORDERS").getDescription()).isEqualTo("set by hand");
    }

    @Test
    void updatesAConsumer() {
        apply(ORDERS);
        awaitInPlace();
        topology.close();

        apply(with("ORDERS.consumers.order-processor.max-deliver", "7"));

        awaitInPlace();
        assertThat(consumer("ORDERS", "order-processor")
                        .getConsumerConfiguration()
                        .getMaxDeliver())
                .isEqualTo(7);
    }

    @Test
    void reportsARefusedChangeWithBothVersions() {
        side.manage(management -> management.addStream(StreamConfiguration.builder()
                .name("ORDERS")
                .subjects("orders.>")
                .storageType(StorageType.Memory)
                .build()));

        apply(ORDERS);

        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(topology.problems()).containsOnlyKeys("stream ORDERS"));
        assertThat(topology.inPlace()).isFalse();
        assertThat(topology.problems().get("stream ORDERS"))
                .contains("refuses")
                .contains("storage is \"memory\", declared \"file\"");
    }

    @ParameterizedTest
    @CsvSource({"max-age, 1h", "max-bytes, 1K", "max-messages, 10", "max-messages-per-subject, 10"})
    void doesNotLowerALimitOfAnExistingStream(String limit, String lower) {
        addOrders(StreamConfiguration.builder());
        StreamConfiguration before = stream("ORDERS");

        apply(Map.of("ORDERS.subjects", "orders.>", "ORDERS." + limit, lower));

        awaitNarrowing();
        assertThat(stream("ORDERS")).usingRecursiveComparison().isEqualTo(before);
    }

    @Test
    void raisesALimitNextToOneThatItWouldLower() {
        addOrders(StreamConfiguration.builder().maxBytes(1 << 10));

        apply(with("ORDERS.max-bytes", "1M"));

        awaitNarrowing();
        assertThat(stream("ORDERS").getMaxBytes()).isEqualTo(1 << 20);
        assertThat(stream("ORDERS").getMaxAge()).isZero();
    }

    @Test
    void addsSubjectsAndRemovesNone() {
        addOrders(StreamConfiguration.builder().subjects("orders.created", "invoices.>"));

        apply(Map.of("ORDERS.subjects", "orders.>,parcels.>"));

        awaitNarrowing();
        assertThat(stream("ORDERS").getSubjects()).containsExactlyInAnyOrder("orders.>", "parcels.>", "invoices.>");
    }

    @Test
    void keepsASubjectThatCoversTheDeclaredOnes() {
        addOrders(StreamConfiguration.builder());

        apply(Map.of("ORDERS.subjects", "orders.created,parcels.>"));

        awaitNarrowing();
        assertThat(stream("ORDERS").getSubjects()).containsExactlyInAnyOrder("orders.>", "parcels.>");
    }

    @Test
    void doesNotLetAFullStreamDeleteOldMessages() {
        addOrders(StreamConfiguration.builder().discardPolicy(DiscardPolicy.New));

        apply(Map.of("ORDERS.subjects", "orders.>", "ORDERS.discard", "old"));

        awaitNarrowing();
        assertThat(stream("ORDERS").getDiscardPolicy()).isEqualTo(DiscardPolicy.New);
    }

    @Test
    void declaresTheConsumersOfAStreamThatItDoesNotNarrow() {
        addOrders(StreamConfiguration.builder());

        apply(ORDERS);

        awaitNarrowing();
        assertThat(consumer("ORDERS", "order-processor")).isNotNull();
    }

    @Test
    void narrowsAStreamIfItsDeclarationPermitsThat() {
        addOrders(StreamConfiguration.builder());

        apply(with("ORDERS.narrow", "true"));

        awaitInPlace();
        assertThat(stream("ORDERS").getMaxAge()).isEqualTo(Duration.ofDays(7));
    }

    @Test
    void logsOnceThatItDoesNotNarrow() {
        addOrders(StreamConfiguration.builder());
        try (LogRecords log = LogRecords.of(Topology.class.getName())) {
            apply(ORDERS);
            awaitNarrowing();
            awaitRound();
            awaitRound();

            assertThat(log.messages())
                    .filteredOn(line -> line.contains("narrow"))
                    .hasSize(1);
        }
    }

    @Test
    void reportsAPushConsumer() {
        addOrders(StreamConfiguration.builder().maxAge(Duration.ofDays(7)));
        side.manage(management -> management.addOrUpdateConsumer(
                "ORDERS",
                ConsumerConfiguration.builder()
                        .durable("order-processor")
                        .deliverSubject("pushed")
                        .filterSubject("orders.created")
                        .maxDeliver(5)
                        .maxAckPending(1000)
                        .ackPolicy(AckPolicy.Explicit)
                        .build()));

        apply(ORDERS);

        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(topology.problems().get("consumer order-processor of ORDERS"))
                        .contains("deliver_subject is \"pushed\", declared unset"));
    }

    @Test
    void isInPlaceOnceARefusedChangeWasMadeByHand() {
        side.manage(management -> management.addStream(StreamConfiguration.builder()
                .name("ORDERS")
                .subjects("orders.>")
                .storageType(StorageType.Memory)
                .build()));
        apply(ORDERS);
        await().atMost(Timeouts.LIMIT).until(() -> topology.problems().size() == 1);

        side.manage(management -> management.deleteStream("ORDERS"));

        awaitInPlace();
    }

    @Test
    void doesNotChangeOtherStreamsAndConsumers() {
        side.manage(management -> management.addStream(
                StreamConfiguration.builder().name("OTHER").subjects("other").build()));
        side.manage(management -> management.addOrUpdateConsumer(
                "OTHER",
                ConsumerConfiguration.builder()
                        .durable("mine")
                        .ackPolicy(AckPolicy.Explicit)
                        .build()));
        String stream = stream("OTHER").toJson();
        String consumer = consumer("OTHER", "mine").getConsumerConfiguration().toJson();

        apply(with("GONE.enabled", "false", "GONE.subjects", "gone"));

        awaitInPlace();
        List<String> streams = side.manage(management -> management.getStreamNames());
        assertThat(streams).containsExactlyInAnyOrder("ORDERS", "OTHER");
        assertThat(stream("OTHER").toJson()).isEqualTo(stream);
        assertThat(consumer("OTHER", "mine").getConsumerConfiguration().toJson())
                .isEqualTo(consumer);
    }

    @Test
    void createsDeletedStreamsAgain() {
        apply(ORDERS);
        awaitInPlace();

        side.manage(management -> management.deleteStream("ORDERS"));

        await().atMost(Timeouts.LIMIT).until(() -> side.manage(management -> management.getStreamNames())
                .contains("ORDERS"));
    }

    @Test
    void createsDeletedStreamsAgainWithTheirOptionalFeatures() {
        apply(with("ORDERS.allow-atomic", "true"));
        awaitInPlace();
        Assumptions.assumeTrue(link.connection().getServerInfo().isSameOrNewerThanVersion("2.12.0"));

        side.manage(management -> management.deleteStream("ORDERS"));

        await().atMost(Timeouts.LIMIT).until(() -> side.manage(management -> management.getStreamNames())
                .contains("ORDERS"));
        assertThat(stream("ORDERS").getAllowAtomicPublish()).isTrue();
    }

    @Test
    void removesTheBackoffOfAConsumer() {
        apply(with("ORDERS.consumers.order-processor.backoff", "1s,5s"));
        awaitInPlace();
        topology.close();

        apply(ORDERS);

        awaitInPlace();
        ConsumerConfiguration consumer = consumer("ORDERS", "order-processor").getConsumerConfiguration();
        assertThat(consumer.getBackoff()).isEmpty();
        assertThat(consumer.getAckWait()).isEqualTo(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-messages",
                "max-messages-per-subject",
                "max-bytes",
                "max-message-size",
                "duplicate-window",
                "max-age",
                "consumers.order-processor.max-deliver",
                "consumers.order-processor.max-ack-pending"
            })
    void zeroIsNoLimit(String setting) {
        apply(with("ORDERS." + setting, setting.endsWith("window") || setting.endsWith("age") ? "0s" : "0"));

        awaitInPlace();
    }

    @Test
    void waitsForNats() {
        server.kill();
        apply(ORDERS);
        assertThat(topology.inPlace()).isFalse();

        server.start();

        awaitInPlace();
    }

    @Test
    void storesAdvisoriesInAWorkQueue() {
        apply(Map.of(
                "ADVISORIES.subjects", "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.ORDERS.*",
                "ADVISORIES.retention", "workqueue",
                "ADVISORIES.consumers.worker.ack-wait", "30s"));

        awaitInPlace();
        assertThat(stream("ADVISORIES").getRetentionPolicy()).isEqualTo(RetentionPolicy.WorkQueue);
    }

    @Test
    void omitsAFeatureThatTheServerDoesNotHave() {
        apply(with("ORDERS.allow-batched", "true", "ORDERS.allow-atomic", "true"));

        awaitInPlace();
        assertThat(stream("ORDERS").getAllowAtomicPublish())
                .isEqualTo(link.connection().getServerInfo().isSameOrNewerThanVersion("2.12.0"));
    }

    private void apply(Map<String, String> keys) {
        Map<String, String> properties = new HashMap<>();
        keys.forEach((key, value) -> properties.put("sluice.topology.streams." + key, value));
        properties.put("sluice.topology.retry", "100ms");
        properties.put("sluice.topology.check", "200ms");
        TopologyConfig config = Settings.of(TopologyConfig.class, properties);
        topology = new Topology(link, new JetStreamApi(link, JetStreamApi.DEFAULT_PREFIX, config.timeout()), config);
    }

    private void addOrders(StreamConfiguration.Builder orders) {
        StreamConfiguration configuration = orders.name("ORDERS").build();
        side.manage(management -> management.addStream(
                configuration.getSubjects().isEmpty()
                        ? StreamConfiguration.builder(configuration)
                                .subjects("orders.>")
                                .build()
                        : configuration));
    }

    private void awaitNarrowing() {
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(topology.problems())
                .containsOnlyKeys("stream ORDERS")
                .hasEntrySatisfying(
                        "stream ORDERS", problem -> assertThat(problem).contains("would narrow")));
    }

    /** Waits until the declarations are applied again: they create a deleted consumer again. */
    private void awaitRound() {
        side.manage(management -> management.deleteConsumer("ORDERS", "order-processor"));
        await().atMost(Duration.ofSeconds(5))
                .until(() -> side.manage(management -> management.getConsumerNames("ORDERS"))
                        .contains("order-processor"));
    }

    private static Map<String, String> with(String... more) {
        Map<String, String> all = new HashMap<>(ORDERS);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }

    private void awaitInPlace() {
        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(topology.problems()).isEmpty());
    }

    private StreamConfiguration stream(String name) {
        return side.manage(management -> management.getStreamInfo(name).getConfiguration());
    }

    private ConsumerInfo consumer(String stream, String name) {
        return side.manage(management -> management.getConsumerInfo(stream, name));
    }
}
