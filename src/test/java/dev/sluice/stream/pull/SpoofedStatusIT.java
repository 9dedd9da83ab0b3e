package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.Broker;
import dev.sluice.support.RawClient;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A publisher can store a message with a status line. The message is delivered and does not end or settle anything. */
@ParameterizedClass
@EnumSource(Broker.class)
class SpoofedStatusIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final long MEBIBYTE = 1 << 20;

    @Parameter
    Broker broker;

    private TestPulls test;

    @BeforeEach
    void start() {
        test = new TestPulls(broker);
        test.emptyStream(StorageType.Memory);
    }

    @AfterEach
    void stop() {
        test.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NATS/1.0 100 Idle Heartbeat",
                "NATS/1.0 404 No Messages",
                "NATS/1.0 408 Request Timeout",
                "NATS/1.0 409 Consumer Deleted",
                "NATS/1.0 503"
            })
    void endsNoPull(String line) {
        test.declare(test.durable());
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 10);
        store(line);

        test.publish(1);

        subscriber.awaitItems(2, SOON);
        assertThat(subscriber.getItems().get(0).data()).asString().isEqualTo("payload");
        assertThat(subscriber.getItems()).extracting(Delivery::streamSequence).containsExactly(1L, 2L);
        subscriber.cancel();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NATS/1.0 404 No Messages", "NATS/1.0 409 Consumer Deleted", "NATS/1.0 503"})
    void endsNoFetch(String line) {
        test.declare(test.durable());
        store(line);
        test.publish(2);

        List<Delivery> fetched = test.pulls
                .fetchWhole(TestPulls.REF, new FetchRequest(3, MEBIBYTE, SOON, true))
                .await()
                .atMost(SOON.multipliedBy(2));

        assertThat(fetched).extracting(Delivery::streamSequence).containsExactly(1L, 2L, 3L);
    }

    /**
     * A status with a reply subject requests flow control from a push subscription. The reply subject of a stored
     * message is its ack subject.
     */
    @Test
    void settlesNothingOfAPushConsumer() {
        PushSubscriptions pushes = TestPulls.pushes(test.link, Map.of());
        test.declare(ConsumerConfiguration.builder()
                .durable(TestPulls.REF.consumer())
                .deliverSubject("delivered.here")
                .ackPolicy(AckPolicy.Explicit)
                .flowControl(Duration.ofMillis(250))
                .build());
        AssertSubscriber<Delivery> subscriber =
                pushes.subscribe(TestPulls.REF).subscribe().withSubscriber(AssertSubscriber.create(10));
        store("NATS/1.0 100 FlowControl Request");

        test.publish(1);

        subscriber.awaitItems(2, SOON);
        assertThat(subscriber.getItems()).extracting(Delivery::streamSequence).containsExactly(1L, 2L);
        subscriber.getItems().get(1).ack();
        await().atMost(SOON).until(() -> test.info().getNumAckPending() < 2);
        assertThat(test.info().getNumAckPending()).isEqualTo(1);
        subscriber.cancel();
        pushes.close();
    }

    /** Stores a message. The server that accepts it need not be the leader of the stream. */
    private void store(String line) {
        try (RawClient publisher = new RawClient(broker)) {
            publisher.publishBlock("work.item", line + "\r\n\r\n", "payload");
            await().atMost(SOON).until(() -> test.lastSequence() == 1);
        }
    }
}
