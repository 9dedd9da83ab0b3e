package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.Broker;
import dev.sluice.support.Timeouts;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Pull subscriptions without failures. */
@ParameterizedClass
@EnumSource(Broker.class)
class PullDemandIT {

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
    void deliversRequestedMessagesInOrder() {
        test.declare(test.durable());
        test.publish(3000);

        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, Long.MAX_VALUE);
        await().atMost(Timeouts.LIMIT).until(() -> {
            subscriber.getItems().forEach(Delivery::ack);
            return subscriber.getItems().size() == 3000;
        });

        assertThat(subscriber.getItems())
                .extracting(Delivery::streamSequence)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 3000).boxed().toList());
        subscriber.cancel();
    }

    @Test
    void requestsFromTheServerNoMoreThanDemand() {
        test.declare(test.durable());
        test.publish(100);

        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 7);
        subscriber.awaitItems(7, Timeouts.LIMIT);

        assertThat(test.info().getDelivered().getConsumerSequence()).isEqualTo(7);
        assertThat(test.counters.outstanding()).isZero();
        subscriber.cancel();
    }

    @Test
    void requestsNothingWithoutDemand() {
        test.declare(test.durable());
        test.publish(10);

        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 0);
        await().during(Duration.ofMillis(300))
                .atMost(Timeouts.LIMIT)
                .until(() -> test.info().getNumWaiting() == 0);

        assertThat(test.counters.pulls()).isZero();
        subscriber.cancel();
    }

    @Test
    void demandInSmallStepsIsMet() {
        test.declare(test.durable());
        test.publish(200);

        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 0);
        for (int i = 1; i <= 200; i++) {
            subscriber.request(1);
            if (i % 20 == 0) {
                subscriber.awaitItems(i, Timeouts.LIMIT);
            }
        }

        assertThat(subscriber.getItems()).hasSize(200);
        subscriber.cancel();
    }

    @Test
    void pullsAgainWhenAnIdlePullExpires() {
        test.declare(test.durable());
        test = reopened(Map.of("expires", "1s", "heartbeat", "250ms"));

        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 10);
        await().atMost(Timeouts.LIMIT).until(() -> test.counters.pulls() >= 3);
        test.publish(10);
        subscriber.awaitItems(10, Timeouts.LIMIT);

        assertThat(test.counters.resets()).isZero();
        subscriber.cancel();
    }

    @Test
    void keepsToItsBoundInBytes() {
        test.declare(test.durable());
        test.publish(40, i -> new byte[100_000]);
        PullOptions small = test.pulls.options().withPrefetch(1000, 1_000_000);

        AssertSubscriber<Delivery> subscriber = AssertSubscriber.create(1000);
        BytesInFlight watched = new BytesInFlight();
        test.pulls.pull(TestPulls.REF, small).invoke(watched::seen).subscribe().withSubscriber(subscriber);
        subscriber.awaitItems(40, Timeouts.LIMIT);

        assertThat(watched.total).isEqualTo(4_000_000);
        assertThat(test.counters.pulls()).isGreaterThanOrEqualTo(8);
        subscriber.cancel();
    }

    @Test
    void aMessageLargerThanTheBoundComesAlone() {
        test.declare(test.durable());
        test.publish(5, i -> new byte[i % 2 == 0 ? 500_000 : 10]);
        PullOptions small = test.pulls.options().withPrefetch(100, 50_000);

        AssertSubscriber<Delivery> subscriber = AssertSubscriber.create(100);
        test.pulls.pull(TestPulls.REF, small).subscribe().withSubscriber(subscriber);
        subscriber.awaitItems(5, Timeouts.LIMIT);

        assertThat(subscriber.getItems()).extracting(Delivery::streamSequence).containsExactly(1L, 2L, 3L, 4L, 5L);
        subscriber.cancel();
    }

    @Test
    void staysWithinTheConsumersOwnLimits() {
        test.declare(ConsumerConfiguration.builder()
                .durable(TestPulls.REF.consumer())
                .ackPolicy(AckPolicy.Explicit)
                .maxBatch(5)
                .maxBytes(4096)
                .maxExpires(Duration.ofSeconds(1))
                .maxPullWaiting(1)
                .build());
        test.publish(200);

        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 200);
        subscriber.awaitItems(200, Timeouts.LIMIT);

        assertThat(subscriber.getItems()).hasSize(200);
        subscriber.cancel();
    }

    @Test
    void twoSubscribersShareAConsumer() {
        test.declare(test.durable());
        test.publish(1000);

        AssertSubscriber<Delivery> one = test.subscribe(TestPulls.REF, 500);
        AssertSubscriber<Delivery> other = test.subscribe(TestPulls.REF, 500);
        one.awaitItems(500, Timeouts.LIMIT);
        other.awaitItems(500, Timeouts.LIMIT);

        assertThat(one.getItems())
                .extracting(Delivery::streamSequence)
                .doesNotContainAnyElementsOf(
                        other.getItems().stream().map(Delivery::streamSequence).toList());
        one.cancel();
        other.cancel();
    }

    @Test
    void cancellingEndsThePullsAtTheServer() throws Exception {
        test.declare(test.durable());
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 10);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() > 0);

        subscriber.cancel();

        await().atMost(Timeouts.LIMIT).until(() -> test.counters.active() == 0);
        assertThat(test.counters.outstanding()).isZero();
        test.link.connection().flush(Timeouts.LIMIT);
        test.publish(1);
        await().during(Duration.ofMillis(300))
                .atMost(Timeouts.LIMIT)
                .until(() -> test.info().getDelivered().getConsumerSequence() == 0);
    }

    @RepeatedTest(3)
    void cancellingReturnsUndeliveredMessages() {
        test.declare(test.durable());
        test.publish(3000);
        List<Long> first = new ArrayList<>();
        for (int round = 0; round < 10; round++) {
            first.addAll(test.pulls
                    .pull(TestPulls.REF, test.pulls.options())
                    .invoke(Delivery::ack)
                    .map(Delivery::streamSequence)
                    .select()
                    .first(100)
                    .collect()
                    .asList()
                    .await()
                    .atMost(Timeouts.LIMIT));
        }
        await().atMost(Timeouts.LIMIT).until(() -> test.counters.active() == 0);

        AssertSubscriber<Delivery> rest = AssertSubscriber.create(3000);
        test.pulls
                .pull(TestPulls.REF, test.pulls.options())
                .invoke(Delivery::ack)
                .subscribe()
                .withSubscriber(rest);
        rest.awaitItems(2000, Timeouts.LIMIT);

        assertThat(first).doesNotHaveDuplicates().hasSize(1000);
        rest.cancel();
    }

    /** A nak before its pulls have ended would return the message to them. */
    @Test
    void aSubscriptionReceivesNoMessageAgainThatItsSubscriberGaveBack() {
        test.declare(test.durable());
        test.publish(1);
        AssertSubscriber<Delivery> first = test.subscribe(TestPulls.REF, 100);
        first.awaitItems(1, Timeouts.LIMIT);

        first.getItems().forEach(Delivery::giveBack);
        first.cancel();

        AssertSubscriber<Delivery> second = test.subscribe(TestPulls.REF, 100);
        second.awaitItems(1, Timeouts.LIMIT);
        assertThat(second.getItems()).extracting(Delivery::delivered).containsExactly(2L);
        second.cancel();
    }

    /**
     * Servers before 2.10.14 deliver a redelivery to a pull without a subscriber, so that it is lost until its ack wait
     * ends.
     */
    @Test
    void messagesReturnedAfterACancelledIdlePullArriveAtOnce() {
        test.declare(test.durable());
        test.publish(3);
        AssertSubscriber<Delivery> first = test.subscribe(TestPulls.REF, 100);
        first.awaitItems(3, Timeouts.LIMIT);

        first.cancel();
        await().atMost(Timeouts.LIMIT).until(() -> test.counters.active() == 0);
        first.getItems().forEach(Delivery::nak);

        AssertSubscriber<Delivery> second = test.subscribe(TestPulls.REF, 100);
        second.awaitItems(3, Timeouts.LIMIT);
        assertThat(second.getItems()).extracting(Delivery::delivered).containsExactly(2L, 2L, 2L);
        second.cancel();
    }

    @Test
    void itemsComeOnTheContextThatWasCurrentAtSubscription() {
        test.declare(test.durable());
        test.publish(10);
        Vertx vertx = Vertx.vertx();
        Context context = vertx.getOrCreateContext();
        Set<Boolean> there = ConcurrentHashMap.newKeySet();

        AssertSubscriber<Delivery> subscriber = AssertSubscriber.create(10);
        context.runOnContext(x -> test.pulls
                .pull(TestPulls.REF, test.pulls.options())
                .invoke(delivery -> there.add(Vertx.currentContext() == context))
                .subscribe()
                .withSubscriber(subscriber));
        subscriber.awaitSubscription(Timeouts.LIMIT).awaitItems(10, Timeouts.LIMIT);

        assertThat(there).containsExactly(true);
        subscriber.cancel();
        vertx.close();
    }

    @Test
    void anInvalidRequestFailsTheSubscription() {
        test.declare(test.durable());
        AssertSubscriber<Delivery> subscriber = AssertSubscriber.create(0);
        test.pulls.pull(TestPulls.REF, test.pulls.options()).subscribe().withSubscriber(subscriber);

        subscriber.request(-1);

        subscriber.awaitFailure(Timeouts.LIMIT).assertFailedWith(IllegalArgumentException.class);
    }

    @Test
    void aMissingConsumerFails() {
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 1);

        subscriber.awaitFailure(Timeouts.LIMIT);

        assertThat(((SluiceException) subscriber.getFailure()).failure()).isEqualTo(Failure.NO_CONSUMER);
    }

    @Test
    void aPushConsumerFails() {
        test.declare(ConsumerConfiguration.builder()
                .durable(TestPulls.REF.consumer())
                .deliverSubject("push.here")
                .build());
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 1);

        subscriber.awaitFailure(Timeouts.LIMIT);

        assertThat(((SluiceException) subscriber.getFailure()).failure()).isEqualTo(Failure.CONFLICT);
    }

    @Test
    void aDeliveryHasTheMetadataOfTheServer() {
        test.declare(test.durable());
        test.publish(3);

        Delivery second = test.subscribe(TestPulls.REF, 2)
                .awaitItems(2, Timeouts.LIMIT)
                .getItems()
                .get(1);

        assertThat(List.of(second.streamSequence(), second.consumerSequence(), second.delivered(), second.pending()))
                .containsExactly(2L, 2L, 1L, 1L);
        assertThat(second.stream() + "/" + second.consumer() + "/" + second.subject())
                .isEqualTo("WORK/worker/work.item");
        assertThat(second.timestamp()).isBetween(java.time.Instant.now().minusSeconds(10), java.time.Instant.now());
    }

    private TestPulls reopened(Map<String, String> keys) {
        test.close();
        return new TestPulls(broker, keys);
    }

    private static final class BytesInFlight {
        private long total;

        void seen(Delivery delivery) {
            total += delivery.data().length;
        }
    }
}
