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
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Publishes to streams with three replicas, whose leader checks a message before the replicas agree. */
class StoredPublishClusterIT {
    /** Longer than the tests wait: no outcome is that of a deadline. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

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

    /** A server from 2.11 on would lose the stream. */
    @Test
    void aStreamOutlivesAWrongLastMessageId() {
        create(StreamConfiguration.builder());
        publish("1");
        OutboundMessage wrong = message("orders.created", "2", Map.of(NatsHeaders.EXPECTED_LAST_MESSAGE_ID, "wrong"));
        boolean safe = !Broker.CLUSTER.connection().getServerInfo().isSameOrNewerThanVersion("2.11.0");

        SluiceException refusal = catchThrowableOfType(
                SluiceException.class, () -> publisher.publish(wrong).await().atMost(Timeouts.LIMIT));

        assertThat(refusal.failure()).isEqualTo(safe ? Failure.WRONG_SEQUENCE : Failure.NOT_SUPPORTED);
        assertThat(publish("2").sequence()).isEqualTo(2);
    }

    /** The server learns of the header by a publish without an ack, and by a request, too. */
    @Test
    void noMessageOfCoreNatsCarriesALastMessageIdIntoANewerCluster() {
        assumeTrue(Broker.CLUSTER.connection().getServerInfo().isSameOrNewerThanVersion("2.11.0"));
        OutboundMessage unsafe = message("orders.created", "2", Map.of(NatsHeaders.EXPECTED_LAST_MESSAGE_ID, "wrong"));

        SluiceException refusal =
                catchThrowableOfType(SluiceException.class, () -> new CorePublisher(links).publish(unsafe));

        assertThat(refusal.failure()).isEqualTo(Failure.NOT_SUPPORTED);
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
