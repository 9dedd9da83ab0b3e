package dev.sluice.stream.publish;

import static dev.sluice.stream.publish.TestPublishing.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.CorePublisher;
import dev.sluice.nats.NatsHeaders;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.Broker;
import dev.sluice.support.ManagementCall;
import dev.sluice.support.Timeouts;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import io.smallrye.mutiny.Multi;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Publishes to streams with three replicas, whose leader checks a message before the replicas agree. */
class StoredPublishClusterIT {
    /** Longer than the tests wait: no outcome is that of a deadline. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private static final OutboundMessage WRONG =
            message("orders.created", "wrong", Map.of(NatsHeaders.EXPECTED_LAST_MESSAGE_ID, "wrong"));

    private final NatsLinks links = TestLinks.to(Broker.CLUSTER);
    private StoredPublisher publisher;

    @BeforeEach
    void open() {
        Broker.CLUSTER.empty();
        publisher = TestPublishing.publisher(links.publishing(), Map.of("deadline", DEADLINE.toString()));
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
    }

    @AfterEach
    void close() {
        publisher.close();
        links.close();
    }

    @Test
    void reportsAFullStream() {
        create(StreamConfiguration.builder().maxMessages(1).discardPolicy(DiscardPolicy.New));
        publish("1");

        SluiceException refusal = catchThrowableOfType(SluiceException.class, () -> publish("2"));

        assertThat(refusal.failure()).isEqualTo(Failure.STREAM_FULL);
        assertThat(refusal.natsErrorCode()).hasValue(10077);
    }

    @Test
    void aStreamOutlivesAWrongLastMessageId() {
        create(StreamConfiguration.builder());
        publish("1");

        SluiceException refusal = catchThrowableOfType(
                SluiceException.class, () -> publisher.publish(WRONG).await().atMost(Timeouts.LIMIT));

        assertThat(refusal.failure()).isEqualTo(since("2.11.0") ? Failure.NOT_SUPPORTED : Failure.WRONG_SEQUENCE);
        assertThat(publish("2").sequence()).isEqualTo(2);
    }

    @Test
    void aStreamOutlivesAWrongLastMessageIdInABatch() {
        assumeTrue(since("2.14.0"), "fast-ingest batches");
        create(StreamConfiguration.builder().allowBatched());
        StreamIngest ingests = TestPublishing.ingests(links.publishing(), Map.of(), publisher);

        SluiceException refusal = catchThrowableOfType(SluiceException.class, () -> ingests.ingest(
                        "ORDERS", Multi.createFrom().items(message("orders.created", "1"), WRONG))
                .collect()
                .last()
                .await()
                .atMost(Timeouts.LIMIT));

        assertThat(refusal.failure()).isEqualTo(Failure.NOT_SUPPORTED);
        assertThat(publish("2").sequence()).isEqualTo(2);
    }

    /** A message of core NATS reaches a stream, too. */
    @Test
    void rejectsALastMessageIdWithoutAnAck() {
        assumeTrue(since("2.11.0"), "older clusters accept it");

        SluiceException refusal =
                catchThrowableOfType(SluiceException.class, () -> new CorePublisher(links).publish(WRONG));

        assertThat(refusal.failure()).isEqualTo(Failure.NOT_SUPPORTED);
    }

    private static boolean since(String version) {
        return Broker.CLUSTER.connection().getServerInfo().isSameOrNewerThanVersion(version);
    }

    private static void create(StreamConfiguration.Builder stream) {
        StreamConfiguration replicated = stream.name("ORDERS")
                .subjects("orders.>")
                .replicas(Broker.CLUSTER.replicas())
                .build();
        await().atMost(Broker.AGREEMENT)
                .ignoreExceptions()
                .until(() ->
                        ManagementCall.make(Broker.CLUSTER.connection(), management -> management.addStream(replicated))
                                        .getClusterInfo()
                                        .getLeader()
                                != null);
    }

    private Receipt publish(String text) {
        return publisher.publish(message("orders.created", text)).await().atMost(Timeouts.LIMIT);
    }
}
