package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.publish.TestPublishing;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Exactly-once delivery: a message ID stores a message once, and a message with a confirmed ack is never redelivered.
 */
class ExactlyOnceIT {
    private static final Duration ACK_WAIT = Duration.ofSeconds(1);

    private NatsServer server;
    private TestPulls test;
    private StoredPublisher publisher;

    @BeforeEach
    void start() {
        server = NatsServer.started();
        test = new TestPulls(server);
        publisher = TestPublishing.publisher(test.link);
        test.emptyStream(StorageType.File);
        test.declare(ConsumerConfiguration.builder(test.durable().toConfiguration())
                .ackWait(ACK_WAIT)
                .build());
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
    }

    @AfterEach
    void stop() {
        publisher.close();
        test.close();
        server.close();
    }

    @Test
    void aMessageIdPublishedTwiceIsStoredAndDeliveredOnce() {
        Receipt first = publish("A-17");

        Receipt again = publish("A-17");
        Receipt next = publish("A-18");

        assertThat(again).isEqualTo(new Receipt(TestPulls.STREAM, first.sequence(), true));
        assertThat(next.sequence()).isEqualTo(2);
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 10);
        subscriber.awaitItems(2, Timeouts.LIMIT);
        assertThat(subscriber.getItems()).extracting(Delivery::streamSequence).containsExactly(1L, 2L);
        subscriber.cancel();
    }

    @Test
    void aConfirmedAckPreventsRedelivery() {
        publish("A-17");
        AssertSubscriber<Delivery> first = test.subscribe(TestPulls.REF, 1);
        Delivery delivery = first.awaitItems(1, Timeouts.LIMIT).getItems().get(0);

        delivery.ackConfirmed(Timeouts.LIMIT).await().atMost(Timeouts.LIMIT);

        assertThat(test.info().getAckFloor().getStreamSequence()).isEqualTo(1);
        first.cancel();
        AssertSubscriber<Delivery> second = test.subscribe(TestPulls.REF, 10);
        await().during(ACK_WAIT.multipliedBy(2)).atMost(Timeouts.LIMIT).until(() -> second.getItems()
                .isEmpty());
        second.cancel();
    }

    private Receipt publish(String id) {
        OutboundMessage message =
                new OutboundMessage(new Subject("work.item"), Map.of("Nats-Msg-Id", List.of(id)), new byte[] {1});
        return publisher.publish(message).await().atMost(Timeouts.LIMIT);
    }
}
