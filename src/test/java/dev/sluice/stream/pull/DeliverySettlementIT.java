package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.StartPosition;
import dev.sluice.support.Broker;
import dev.sluice.support.Timeouts;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the effect of each settlement at the server, and that a delivery is settled only once. */
@ParameterizedClass
@EnumSource(Broker.class)
class DeliverySettlementIT {
    /** Longer than any test, so that only a settlement causes a redelivery. */
    private static final Duration NEVER = Duration.ofHours(1);

    private static final Duration ACK_WAIT = Duration.ofSeconds(2);

    @Parameter
    Broker broker;

    private TestPulls test;

    @BeforeEach
    void prepare() {
        test = new TestPulls(broker);
        test.emptyStream(StorageType.Memory);
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void anAckPreventsRedelivery() {
        AssertSubscriber<Delivery> subscriber = subscribed(AckMode.EXPLICIT, 1);

        assertThat(subscriber.getItems().get(0).ack()).isTrue();

        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumAckPending() == 0);
        assertThat(test.info().getAckFloor().getStreamSequence()).isEqualTo(1);
    }

    @Test
    void onlyTheFirstOfManySettlementsCounts() {
        Delivery delivery = subscribed(AckMode.EXPLICIT, 1).getItems().get(0);

        List<CompletableFuture<Boolean>> settlements = IntStream.range(0, 32)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> i % 2 == 0 ? delivery.ack() : delivery.nak()))
                .toList();

        assertThat(settlements.stream().filter(CompletableFuture::join)).hasSize(1);
        assertThat(delivery.term("too late") || delivery.inProgress()).isFalse();
    }

    @Test
    void aConfirmedAckCompletesWhenTheServerHasIt() {
        Delivery delivery = subscribed(AckMode.EXPLICIT, 1).getItems().get(0);

        delivery.ackConfirmed(Timeouts.LIMIT).await().atMost(Timeouts.LIMIT);

        assertThat(test.info().getNumAckPending()).isZero();
        assertThat(delivery.settled()).isTrue();
        assertThat(delivery.ack()).isFalse();
    }

    @Test
    void aConfirmedAckOfASettledDeliveryFails() {
        Delivery delivery = subscribed(AckMode.EXPLICIT, 1).getItems().get(0);
        delivery.ack();

        assertThat(failure(delivery.ackConfirmed(Timeouts.LIMIT))).isEqualTo(Failure.INVALID);
    }

    @Test
    void aNakRedeliversAtOnce() {
        AssertSubscriber<Delivery> subscriber = subscribed(AckMode.EXPLICIT, 1);

        subscriber.getItems().get(0).nak();

        Delivery again = subscriber.awaitItems(2, Timeouts.LIMIT).getItems().get(1);
        assertThat(again.delivered()).isEqualTo(2);
        assertThat(test.counters.redelivered()).isEqualTo(1);
    }

    @Test
    void aNakWithADelayRedeliversAfterTheDelay() {
        AssertSubscriber<Delivery> subscriber = subscribed(AckMode.EXPLICIT, 1);
        long before = System.nanoTime();

        subscriber.getItems().get(0).nak(Duration.ofMillis(400));

        subscriber.awaitItems(2, Timeouts.LIMIT);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(390));
    }

    @Test
    void aTermPreventsRedelivery() {
        AssertSubscriber<Delivery> subscriber = subscribed(AckMode.EXPLICIT, 1, ACK_WAIT);

        subscriber.getItems().get(0).term("cannot be\r\ndecoded");

        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumAckPending() == 0);
        await().during(ACK_WAIT.plusMillis(500))
                .atMost(Timeouts.LIMIT)
                .until(() -> subscriber.getItems().size() == 1);
    }

    @Test
    void anUnsettledDeliveryIsRedeliveredAfterTheAckWait() {
        AssertSubscriber<Delivery> subscriber = subscribed(AckMode.EXPLICIT, 1, ACK_WAIT);

        assertThat(subscriber.awaitItems(2, Timeouts.LIMIT).getItems().get(1).delivered())
                .isEqualTo(2);
    }

    @Test
    @Tag("slow")
    void progressExtendsTheAckWait() {
        AssertSubscriber<Delivery> subscriber = subscribed(AckMode.EXPLICIT, 1, ACK_WAIT);
        Delivery delivery = subscriber.getItems().get(0);

        await().during(ACK_WAIT.multipliedBy(2))
                .atMost(Timeouts.LIMIT)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> delivery.inProgress() && subscriber.getItems().size() == 1);

        assertThat(delivery.ack()).isTrue();
    }

    @Test
    @Tag("slow")
    void slowHandlersAreKeptInProgressUpToALimit() {
        test.declare(definition(AckMode.EXPLICIT, ACK_WAIT));
        PullOptions kept = test.pulls.options().withKeepInProgress(ACK_WAIT.multipliedBy(3));
        AssertSubscriber<Delivery> subscriber = AssertSubscriber.create(10);
        test.pulls.pull(TestPulls.REF, kept).subscribe().withSubscriber(subscriber);
        test.publish(1);
        subscriber.awaitItems(1, Timeouts.LIMIT);

        await().during(ACK_WAIT.multipliedBy(2))
                .atMost(Timeouts.LIMIT)
                .until(() -> subscriber.getItems().size() == 1);

        subscriber.awaitItems(2, Timeouts.LIMIT);
        subscriber.cancel();
    }

    @Test
    void anAckSettlesAllEarlierDeliveriesWithAckAll() {
        AssertSubscriber<Delivery> subscriber = subscribed(AckMode.ALL, 5);

        subscriber.getItems().get(3).ack();

        await().atMost(Timeouts.LIMIT).until(() -> test.info().getAckFloor().getStreamSequence() == 4);
        assertThat(subscriber.getItems().subList(0, 4)).allMatch(Delivery::settled);
        assertThat(subscriber.getItems().get(1).ack()).isFalse();
        assertThat(subscriber.getItems().get(4).settled()).isFalse();
    }

    @Test
    void acksDuringAnOutageArriveAfterIt() {
        AssertSubscriber<Delivery> subscriber = subscribed(AckMode.EXPLICIT, 5);

        test.reconnect();
        subscriber.getItems().forEach(Delivery::ack);

        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumAckPending() == 0);
        assertThat(test.counters.unsentAcks()).isZero();
    }

    @Test
    void settlingAfterTheSubscriptionEndedStillCounts() {
        AssertSubscriber<Delivery> subscriber = subscribed(AckMode.EXPLICIT, 1);
        subscriber.cancel();
        await().atMost(Timeouts.LIMIT).until(() -> test.counters.active() == 0);

        subscriber.getItems().get(0).ack();

        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumAckPending() == 0);
    }

    private AssertSubscriber<Delivery> subscribed(AckMode mode, int messages) {
        return subscribed(mode, messages, NEVER);
    }

    private AssertSubscriber<Delivery> subscribed(AckMode mode, int messages, Duration ackWait) {
        test.declare(definition(mode, ackWait));
        test.publish(messages);
        return test.subscribe(TestPulls.REF, 100).awaitItems(messages, Timeouts.LIMIT);
    }

    private static ConsumerDefinition definition(AckMode mode, Duration ackWait) {
        return new ConsumerDefinition(
                TestPulls.REF, true, List.of(), mode, ackWait, -1, 100, StartPosition.Edge.ALL, Duration.ZERO);
    }

    private static Failure failure(Uni<Void> confirmation) {
        UniAssertSubscriber<Void> subscriber = confirmation
                .subscribe()
                .withSubscriber(UniAssertSubscriber.create())
                .awaitFailure(Timeouts.LIMIT);
        return ((SluiceException) subscriber.getFailure()).failure();
    }
}
