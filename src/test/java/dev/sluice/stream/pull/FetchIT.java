package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.StartPosition;
import dev.sluice.support.Broker;
import dev.sluice.support.Timeouts;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Fetches from real servers. */
@ParameterizedClass
@EnumSource(Broker.class)
class FetchIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final long MEBIBYTE = 1 << 20;

    private static final int MANY = 1_000;
    private static final Set<Failure> NOW_OR_SOON = Set.of(Failure.NO_CONSUMER, Failure.UNAVAILABLE);

    @Parameter
    Broker broker;

    private TestPulls test;

    @BeforeEach
    void start() {
        test = new TestPulls(broker);
        test.emptyStream(StorageType.Memory);
        test.declare(test.durable());
    }

    @AfterEach
    void stop() {
        test.close();
    }

    @Test
    void endsAsSoonAsTheBatchIsFull() {
        test.publish(5);

        List<Delivery> fetched = whole(3, LONG);

        assertThat(fetched).extracting(Delivery::streamSequence).containsExactly(1L, 2L, 3L);
        assertThat(test.info().getNumAckPending()).isEqualTo(3);
        assertThat(test.counters.active()).isZero();
    }

    @Test
    void returnsTheMessagesSoFarWhenItExpires() {
        test.publish(2);

        assertThat(whole(10, Duration.ofMillis(500))).hasSize(2);
    }

    @Test
    void waitsForMessagesUntilItExpires() {
        AssertSubscriber<List<Delivery>> subscriber = fetch(1, LONG, 1);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() == 1);

        test.publish(1);

        subscriber.awaitCompletion(Timeouts.LIMIT);
        assertThat(subscriber.getItems()).hasSize(1);
    }

    @Test
    void returnsNothingFromAnEmptyStreamWithoutWaiting() {
        assertThat(unwaiting(Timeouts.LIMIT)).isEmpty();
    }

    @Test
    void returnsTheAvailableMessagesWithoutWaiting() {
        test.publish(3);

        assertThat(unwaiting(Timeouts.LIMIT)).hasSize(3);
    }

    /** The server sends no status for such a pull. */
    @Test
    void doesNotWaitForAConsumerThatWaitsForAcks() {
        waitForEachAck();
        test.publish(2);
        assertThat(unwaiting(Duration.ofSeconds(5))).hasSize(1);

        assertThat(unwaiting(Duration.ofMillis(500))).isEmpty();
    }

    @Test
    void leavesNoPullAtAConsumerThatWaitsForAcks() {
        waitForEachAck();
        test.publish(2);
        unwaiting(Duration.ofMillis(500))
                .forEach(delivery ->
                        delivery.ackConfirmed(Timeouts.LIMIT).await().atMost(Timeouts.LIMIT));

        List<Delivery> next = unwaiting(Duration.ofMillis(500));

        assertThat(next)
                .extracting(Delivery::streamSequence, Delivery::delivered)
                .containsExactly(tuple(2L, 1L));
    }

    private void waitForEachAck() {
        test.deleteConsumer();
        test.declare(new ConsumerDefinition(
                TestPulls.REF,
                true,
                List.of(),
                AckMode.EXPLICIT,
                Duration.ofSeconds(30),
                -1,
                1,
                StartPosition.Edge.ALL,
                Duration.ZERO));
    }

    @Test
    void keepsTheCollectedMessagesInProgressUntilItReturnsThem() {
        Duration ackWait = Duration.ofSeconds(1);
        test.deleteConsumer();
        test.declare(ConsumerConfiguration.builder()
                .durable(TestPulls.REF.consumer())
                .ackPolicy(AckPolicy.Explicit)
                .ackWait(ackWait)
                .build());
        test.publish(1);

        assertThat(whole(10, ackWait.multipliedBy(3)))
                .extracting(Delivery::delivered)
                .containsExactly(1L);
        assertThat(whole(1, ackWait.dividedBy(2)))
                .as("redelivered before an ack wait after the answer")
                .isEmpty();
    }

    @Test
    void streamsMessagesAsTheyArrive() {
        AssertSubscriber<List<Delivery>> subscriber = fetch(2, LONG, Long.MAX_VALUE);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() == 1);

        test.publish(1);
        await().atMost(Timeouts.LIMIT).until(() -> subscriber.getItems().size() == 1);
        subscriber.assertNotTerminated();
        test.publish(1);

        subscriber.awaitCompletion(Timeouts.LIMIT);
        assertThat(subscriber.getItems()).extracting(List::size).containsExactly(1, 1);
    }

    @Test
    void collectsForASlowSubscriber() {
        test.publish(20);
        AssertSubscriber<List<Delivery>> subscriber = fetch(20, LONG, 0);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumAckPending() == 20 && test.counters.active() == 0);

        subscriber.request(1);

        subscriber.awaitCompletion(Timeouts.LIMIT);
        assertThat(subscriber.getItems()).extracting(List::size).containsExactly(20);
    }

    @Test
    void stopsAtTheRequestedBytes() {
        test.publish(10, i -> new byte[1000]);

        assertThat(test.pulls
                        .fetchWhole(TestPulls.REF, new FetchRequest(10, 3_500, LONG, true))
                        .await()
                        .atMost(Timeouts.LIMIT))
                .hasSize(3);
    }

    /** The server sends no status for such a pull. */
    @Test
    void endsAsSoonAsTheBytesAreUsedUp() {
        test.publish(2);
        long size = whole(1, LONG).get(0).wireSize();

        assertThat(test.pulls
                        .fetchWhole(TestPulls.REF, new FetchRequest(10, size, Timeouts.LIMIT, true))
                        .await()
                        .atMost(LONG))
                .hasSize(1);
    }

    @Test
    void reportsThatTheNextMessageExceedsTheBytesOfTheConsumer() {
        test.deleteConsumer();
        test.declare(ConsumerConfiguration.builder()
                .durable(TestPulls.REF.consumer())
                .ackPolicy(AckPolicy.Explicit)
                .maxBytes(1_000)
                .build());
        test.publish(1, i -> new byte[5000]);

        assertThatThrownBy(() -> whole(1, LONG))
                .isInstanceOf(SluiceException.class)
                .hasMessageContainingAll("1000 bytes", "worker of WORK permits no more");
    }

    @Test
    void reportsThatTheNextMessageExceedsTheBytes() {
        test.publish(1, i -> new byte[5000]);

        fails(Failure.TOO_LARGE, () -> test.pulls
                .fetchWhole(TestPulls.REF, new FetchRequest(1, 1_000, LONG, true))
                .await()
                .atMost(Timeouts.LIMIT));
    }

    @Test
    void returnsUntakenMessagesAtOnceWhenCancelled() {
        test.publish(3);
        AssertSubscriber<List<Delivery>> subscriber = fetch(10, LONG, 0);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumAckPending() == 3);

        subscriber.cancel();

        assertThat(whole(3, Timeouts.LIMIT)).extracting(Delivery::delivered).containsExactly(2L, 2L, 2L);
    }

    /** A nak before its pull has ended would return the message to it. */
    @Test
    void receivesNoMessageAgainThatItsSubscriberGaveBack() {
        test.publish(1);
        AssertSubscriber<List<Delivery>> subscriber = fetch(2, LONG, 2);
        subscriber.awaitItems(1, Timeouts.LIMIT);

        subscriber.getItems().get(0).forEach(Delivery::giveBack);
        subscriber.cancel();

        assertThat(whole(1, Timeouts.LIMIT)).extracting(Delivery::delivered).containsExactly(2L);
    }

    @Test
    void returnsAMessageAtOnceThatIsGivenBackAfterItsEnd() {
        test.publish(1);
        List<Delivery> fetched = whole(1, LONG);

        fetched.forEach(Delivery::giveBack);

        assertThat(whole(1, Timeouts.LIMIT)).extracting(Delivery::delivered).containsExactly(2L);
    }

    @Test
    void endsItsPullWhenCancelled() {
        AssertSubscriber<List<Delivery>> subscriber = fetch(1, LONG, 1);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() == 1);
        subscriber.cancel();

        await().atMost(Timeouts.LIMIT).until(() -> test.counters.active() == 0);
        test.publish(1);

        assertThat(whole(1, Timeouts.LIMIT)).extracting(Delivery::delivered).containsExactly(1L);
    }

    /** Servers before 2.10.14 need a last pull, which takes one message. */
    @Test
    void takesNoMessageWhenAnIdleFetchIsCancelled() throws Exception {
        assumeTrue(test.side.getServerInfo().isSameOrNewerThanVersion("2.10.14"), "older servers need a last pull");
        test.deleteConsumer();
        test.declare(ConsumerConfiguration.builder()
                .durable(TestPulls.REF.consumer())
                .ackPolicy(AckPolicy.Explicit)
                .maxDeliver(1)
                .build());
        AssertSubscriber<List<Delivery>> subscriber = fetch(1, LONG, 1);
        await().during(PullContext.TICK.multipliedBy(3))
                .atMost(Timeouts.LIMIT)
                .until(() -> test.info().getNumWaiting() == 1);

        subscriber.cancel();
        await().pollInterval(Duration.ofMillis(1))
                .atMost(Timeouts.LIMIT)
                .until(() -> test.counters.active() == 0 || test.counters.pulls() == 2);
        test.link.connection().flush(Timeouts.LIMIT);
        test.publish(1);

        assertThat(whole(1, Timeouts.LIMIT)).extracting(Delivery::delivered).containsExactly(1L);
    }

    @Test
    void failsWithoutAConsumer() {
        fails(Failure.NO_CONSUMER, () -> whole(new ConsumerRef(TestPulls.STREAM, "nobody")));
    }

    @Test
    void failsWithoutAStream() {
        fails(Failure.NO_STREAM, () -> whole(new ConsumerRef("NOWHERE", "nobody")));
    }

    @Test
    void failsAtAPushConsumer() {
        test.declare(ConsumerConfiguration.builder()
                .durable("pushed")
                .deliverSubject("push.here")
                .build());

        fails(Failure.CONFLICT, () -> whole(new ConsumerRef(TestPulls.STREAM, "pushed")));
    }

    /** Servers of a cluster delete it one after the other: the one that is asked may not have done so yet. */
    @Test
    void failsWhenTheConsumerIsDeleted() {
        AssertSubscriber<List<Delivery>> subscriber = fetch(1, LONG, 1);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() == 1);

        test.deleteConsumer();

        subscriber.awaitFailure(Timeouts.LIMIT);
        assertThat(((SluiceException) subscriber.getFailure()).failure())
                .isIn(broker == Broker.CLUSTER ? NOW_OR_SOON : Set.of(Failure.NO_CONSUMER));
    }

    @Test
    void failsIfTheConsumerWasDeletedAfterTheLastFetch() {
        test.publish(2);
        whole(1, LONG);
        test.deleteConsumer();

        assertThatThrownBy(() -> whole(1, LONG))
                .isInstanceOfSatisfying(SluiceException.class, thrown -> assertThat(thrown.failure())
                        .isIn(broker == Broker.CLUSTER ? NOW_OR_SOON : Set.of(Failure.NO_CONSUMER)));
    }

    @Test
    void expectsAcksOfAConsumerThatWasCreatedAgainWithThem() {
        test.publish(2);
        test.deleteConsumer();
        test.declare(ConsumerConfiguration.builder()
                .durable(TestPulls.REF.consumer())
                .ackPolicy(AckPolicy.None)
                .build());
        whole(1, LONG);
        test.deleteConsumer();
        test.declare(test.durable());

        assertThat(whole(1, LONG)).hasSize(1).allMatch(Delivery::expectsAck);
    }

    @Test
    void failsAtAConsumerThatWasCreatedAgainAsPushBased() {
        test.publish(1);
        whole(1, LONG);
        test.deleteConsumer();
        test.declare(ConsumerConfiguration.builder()
                .durable(TestPulls.REF.consumer())
                .deliverSubject("push.here")
                .build());

        fails(Failure.CONFLICT, () -> whole(1, LONG));
    }

    @Test
    void keepsToALimitThatWasLoweredAfterTheLastFetch() {
        test.publish(3);
        whole(1, LONG);
        test.declare(ConsumerConfiguration.builder()
                .durable(TestPulls.REF.consumer())
                .ackPolicy(AckPolicy.Explicit)
                .maxBatch(1)
                .build());

        assertThat(whole(2, LONG)).extracting(Delivery::streamSequence).containsExactly(2L);
    }

    @Test
    void returnsEachMessageOnceToAWorkerThatFetchesAgainAndAgain() {
        test.declare(ConsumerConfiguration.builder()
                .durable("worker-in-a-hurry")
                .ackPolicy(AckPolicy.Explicit)
                .ackWait(Timeouts.LIMIT)
                .maxDeliver(5)
                .build());
        ConsumerRef hurried = new ConsumerRef(TestPulls.STREAM, "worker-in-a-hurry");
        test.publish(MANY);

        List<Long> seen = new ArrayList<>();
        while (seen.size() < MANY) {
            List<Delivery> fetched = test.pulls
                    .fetchWhole(hurried, new FetchRequest(200, MEBIBYTE, LONG, true))
                    .await()
                    .atMost(LONG);
            assertThat(fetched).as("a fetch after %d messages", seen.size()).isNotEmpty();
            Multi.createFrom()
                    .iterable(fetched)
                    .onItem()
                    .transformToUniAndMerge(delivery -> delivery.ackConfirmed(Timeouts.LIMIT))
                    .collect()
                    .last()
                    .await()
                    .atMost(LONG);
            fetched.forEach(delivery -> seen.add(delivery.streamSequence()));
        }

        assertThat(seen).doesNotHaveDuplicates().hasSize(MANY);
        assertThat(test.manage(it -> it.getConsumerInfo(TestPulls.STREAM, hurried.consumer()))
                        .getDelivered()
                        .getConsumerSequence())
                .as("deliveries of the server")
                .isEqualTo(MANY);
    }

    @RepeatedTest(5)
    void returnsMessagesThatArriveAfterItWasCancelled() {
        test.publish(200);
        AssertSubscriber<List<Delivery>> subscriber = fetch(200, LONG, 0);
        await().pollInterval(Duration.ofMillis(1)).atMost(Timeouts.LIMIT).until(() -> test.counters.pulls() == 1);

        subscriber.cancel();

        await().atMost(Timeouts.LIMIT).until(() -> test.counters.active() == 0);
        assertThat(whole(200, Duration.ofSeconds(10))).hasSize(200);
    }

    @Test
    void keepsItsPermitAfterItsEndUntilEverythingIsTaken() {
        test.publish(1);
        AtomicInteger permits = new AtomicInteger();
        AssertSubscriber<List<Delivery>> subscriber = test.pulls
                .fetch(
                        TestPulls.REF,
                        new FetchRequest(1, MEBIBYTE, LONG, true),
                        Uni.createFrom().voidItem(),
                        () -> takePermit(permits))
                .subscribe()
                .withSubscriber(AssertSubscriber.create(0));
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumAckPending() == 1 && test.counters.active() == 0);
        assertThat(permits).hasValue(1);

        subscriber.request(1).awaitCompletion(Timeouts.LIMIT);

        await().atMost(Timeouts.LIMIT).untilAtomic(permits, equalTo(0));
    }

    @Test
    void keepsItsPermitAfterACancellationUntilItsPullHasEnded() {
        AtomicInteger permits = new AtomicInteger();
        AssertSubscriber<List<Delivery>> subscriber = test.pulls
                .fetch(
                        TestPulls.REF,
                        new FetchRequest(1, MEBIBYTE, LONG, true),
                        Uni.createFrom().voidItem(),
                        () -> takePermit(permits))
                .subscribe()
                .withSubscriber(AssertSubscriber.create(1));
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() == 1);

        subscriber.cancel();

        await().atMost(Timeouts.LIMIT).untilAtomic(permits, equalTo(0));
        assertThat(test.counters.active()).isZero();
    }

    private static Runnable takePermit(AtomicInteger permits) {
        permits.incrementAndGet();
        return permits::decrementAndGet;
    }

    private List<Delivery> whole(int batch, Duration expires) {
        return test.pulls
                .fetchWhole(TestPulls.REF, new FetchRequest(batch, MEBIBYTE, expires, true))
                .await()
                .atMost(Timeouts.LIMIT);
    }

    private List<Delivery> whole(ConsumerRef ref) {
        return test.pulls
                .fetchWhole(ref, new FetchRequest(1, MEBIBYTE, Timeouts.LIMIT, true))
                .await()
                .atMost(Timeouts.LIMIT);
    }

    private List<Delivery> unwaiting(Duration timeout) {
        return test.pulls
                .fetchWhole(TestPulls.REF, new FetchRequest(10, MEBIBYTE, timeout, false))
                .await()
                .atMost(Timeouts.LIMIT);
    }

    private AssertSubscriber<List<Delivery>> fetch(int batch, Duration expires, long demand) {
        return test.pulls
                .fetch(TestPulls.REF, new FetchRequest(batch, MEBIBYTE, expires, true))
                .subscribe()
                .withSubscriber(AssertSubscriber.create(demand));
    }

    private static void fails(Failure failure, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(SluiceException.class, thrown -> assertThat(thrown.failure())
                .isEqualTo(failure));
    }
}
