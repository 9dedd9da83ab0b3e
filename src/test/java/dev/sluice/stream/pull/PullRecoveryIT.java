package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.StartPosition;
import dev.sluice.support.Broker;
import dev.sluice.support.Timeouts;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Pull subscriptions after the loss of the connection, the consumer or the stream. */
@ParameterizedClass
@EnumSource(Broker.class)
@Tag("slow")
class PullRecoveryIT {

    @Parameter
    Broker broker;

    private TestPulls test;

    @BeforeEach
    void start() {
        test = new TestPulls(broker);
        test.emptyStream(StorageType.File);
    }

    @AfterEach
    void stop() {
        test.close();
    }

    @Test
    void resumesAtAReconnect() {
        test = withoutTimeouts();
        test.declare(test.durable());
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, Long.MAX_VALUE);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() > 0);

        test.reconnect();
        test.publish(10);

        await().atMost(Timeouts.LIMIT).until(test.link::up);
        subscriber.awaitItems(10, Timeouts.LIMIT);
        subscriber.cancel();
    }

    @Test
    void aConsumerThatIsDeletedDuringAPullFails() {
        test = withoutTimeouts();
        test.declare(test.durable());
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 10);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() > 0);

        test.deleteConsumer();

        subscriber.awaitFailure(Timeouts.LIMIT);
        assertThat(((SluiceException) subscriber.getFailure()).failure()).isEqualTo(Failure.NO_CONSUMER);
        assertThat(test.counters.active()).isZero();
    }

    /** Servers before 2.10 do not respond to such a pull. */
    @Test
    void aConsumerThatIsDeletedBetweenPullsFails() {
        test.declare(test.durable());
        test.publish(1);
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 1);
        subscriber.awaitItems(1, Timeouts.LIMIT);

        test.deleteConsumer();
        subscriber.request(1);

        subscriber.awaitFailure(Timeouts.LIMIT);
        assertThat(((SluiceException) subscriber.getFailure()).failure()).isEqualTo(Failure.NO_CONSUMER);
    }

    @Test
    void aStreamThatIsDeletedFails() {
        test.declare(test.durable());
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 10);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() > 0);

        test.manage(management -> management.deleteStream(TestPulls.STREAM));

        subscriber.awaitFailure(Timeouts.LIMIT);
        assertThat(((SluiceException) subscriber.getFailure()).failure()).isEqualTo(Failure.NO_STREAM);
    }

    @Test
    void aDefinedConsumerIsCreatedAndCreatedAgainWhenDeleted() {
        test.emptyStream(StorageType.Memory);
        AssertSubscriber<Delivery> subscriber = test.subscribe(test.durable(), Long.MAX_VALUE);
        await().atMost(Timeouts.LIMIT).until(() -> test.counters.consumersCreated() == 1);
        test.publish(3);
        subscriber.awaitItems(3, Timeouts.LIMIT);
        subscriber.getItems().forEach(Delivery::ack);

        test.deleteConsumer();
        await().atMost(Timeouts.LIMIT).until(() -> test.counters.consumersCreated() == 2);
        test.publish(2);

        subscriber.awaitItems(8, Timeouts.LIMIT);
        assertThat(subscriber.getItems())
                .extracting(Delivery::streamSequence)
                .containsExactly(1L, 2L, 3L, 1L, 2L, 3L, 4L, 5L);
        subscriber.cancel();
    }

    @Test
    void aDefinedConsumerOfAMissingStreamFails() {
        ConsumerRef elsewhere = new ConsumerRef("NOWHERE", "worker");

        AssertSubscriber<Delivery> subscriber = test.subscribe(ConsumerDefinition.durable(elsewhere), 1);

        subscriber.awaitFailure(Timeouts.LIMIT);
        assertThat(((SluiceException) subscriber.getFailure()).failure()).isEqualTo(Failure.NO_STREAM);
    }

    @Test
    void aConsumerThatWaitsForAcksCausesNoResets() {
        ConsumerDefinition few = new ConsumerDefinition(
                TestPulls.REF,
                true,
                List.of("work.>"),
                AckMode.EXPLICIT,
                Duration.ofSeconds(30),
                -1,
                5,
                StartPosition.Edge.ALL,
                Duration.ZERO);
        test.publish(20);

        AssertSubscriber<Delivery> subscriber = test.subscribe(few, 20);
        subscriber.awaitItems(5, Timeouts.LIMIT);
        await().during(Duration.ofSeconds(3))
                .atMost(Timeouts.LIMIT)
                .until(() -> subscriber.getItems().size() == 5);
        assertThat(test.counters.resets()).isZero();
        await().atMost(Timeouts.LIMIT).until(() -> {
            subscriber.getItems().forEach(Delivery::ack);
            return subscriber.getItems().size() == 20;
        });

        assertThat(test.counters.redelivered()).isZero();
        subscriber.cancel();
    }

    @Test
    void moreSubscribersThanTheConsumerAllowsPullsTakeTurns() {
        test.declare(io.nats.client.api.ConsumerConfiguration.builder()
                .durable(TestPulls.REF.consumer())
                .ackPolicy(io.nats.client.api.AckPolicy.Explicit)
                .maxPullWaiting(1)
                .build());

        AssertSubscriber<Delivery> one = test.subscribe(TestPulls.REF, 100);
        AssertSubscriber<Delivery> other = test.subscribe(TestPulls.REF, 100);
        test.publish(150);

        await().atMost(Timeouts.LIMIT)
                .until(() -> one.getItems().size() + other.getItems().size() == 150);
        one.cancel();
        other.cancel();
    }

    /** Returns subscriptions that neither an expiry nor a missed heartbeat makes pull again. */
    private TestPulls withoutTimeouts() {
        test.close();
        return new TestPulls(broker, Map.of("expires", "10m", "heartbeat", "5m"));
    }
}
