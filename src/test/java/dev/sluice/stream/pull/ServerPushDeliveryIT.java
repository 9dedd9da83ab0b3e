package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Overflow;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.NUID;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Push subscriptions to existing consumers, with back-pressure through the consumer's flow control. */
class ServerPushDeliveryIT {
    private static final Duration HEARTBEAT = Duration.ofMillis(250);

    private NatsServer server;
    private TestPulls nats;
    private PushSubscriptions pushes;

    @BeforeEach
    void start() {
        server = NatsServer.started();
        nats = new TestPulls(server);
        pushes = TestPulls.pushes(nats.link, Map.of());
        nats.emptyStream(StorageType.File);
    }

    @AfterEach
    void stop() {
        pushes.close();
        nats.close();
        server.close();
    }

    @Test
    void deliversInOrderAndSettles() {
        nats.declare(push().build());
        AssertSubscriber<Delivery> subscriber = subscribe(Long.MAX_VALUE);

        nats.publish(100);

        subscriber.awaitItems(100, Timeouts.LIMIT);
        assertThat(sequences(subscriber)).isEqualTo(firstOnes(100));
        subscriber.getItems().forEach(Delivery::ack);
        await().atMost(Timeouts.LIMIT).until(() -> nats.info().getNumAckPending() == 0);
        subscriber.cancel();
    }

    @Test
    void deliversStoredMessages() {
        nats.declare(push().build());
        nats.publish(1000);

        AssertSubscriber<Delivery> subscriber = subscribe(Long.MAX_VALUE);

        subscriber.awaitItems(1000, Timeouts.LIMIT);
        assertThat(sequences(subscriber)).isEqualTo(firstOnes(1000));
        subscriber.cancel();
    }

    @Test
    void flowControlStopsTheServerUntilTheSubscriberCatchesUp() {
        nats.declare(push().ackPolicy(AckPolicy.None).flowControl(HEARTBEAT).build());
        nats.publish(6000, i -> new byte[1024]);
        AssertSubscriber<Delivery> subscriber = subscribe(1);
        subscriber.awaitItems(1, Timeouts.LIMIT);
        await().during(HEARTBEAT.multipliedBy(4))
                .atMost(Timeouts.LIMIT)
                .until(() -> nats.info().getNumPending() > 0);

        subscriber.request(Long.MAX_VALUE);

        subscriber.awaitItems(6000, Timeouts.LIMIT);
        assertThat(sequences(subscriber)).isEqualTo(firstOnes(6000));
        subscriber.cancel();
    }

    @Test
    void flowControlContinuesAfterAnOutage() {
        nats.declare(push().ackPolicy(AckPolicy.Explicit)
                .ackWait(Duration.ofSeconds(2))
                .maxAckPending(-1)
                .flowControl(HEARTBEAT)
                .build());
        AssertSubscriber<Delivery> subscriber = AssertSubscriber.create(1);
        pushes.subscribe(TestPulls.REF).invoke(Delivery::ack).subscribe().withSubscriber(subscriber);
        nats.publish(6000, i -> new byte[1024]);
        subscriber.awaitItems(1, Timeouts.LIMIT);

        nats.reconnect();
        subscriber.request(Long.MAX_VALUE);

        await().atMost(Timeouts.LIMIT.multipliedBy(2)).until(() -> distinct(subscriber) == 6000);
        subscriber.cancel();
    }

    @Test
    void withoutFlowControlASubscriberThatStallsFails() {
        nats.declare(push().ackPolicy(AckPolicy.None).build());
        PushSubscriptions few = TestPulls.pushes(nats.link, Map.of("buffer-messages", "100"));
        AssertSubscriber<Delivery> subscriber =
                few.subscribe(TestPulls.REF).subscribe().withSubscriber(AssertSubscriber.create(1));
        nats.publish(300);

        await().atMost(Timeouts.LIMIT).until(() -> few.dropped() > 0);
        subscriber.request(Long.MAX_VALUE);

        subscriber.awaitFailure(Timeouts.LIMIT);
        assertThat(failure(subscriber)).isEqualTo(Failure.OVERFLOW);
        assertThat(subscriber.getItems()).hasSizeGreaterThanOrEqualTo(100);
        few.close();
    }

    @Test
    void withoutFlowControlAPolicyMayDropInstead() {
        nats.declare(push().ackPolicy(AckPolicy.None).build());
        PushSubscriptions few = TestPulls.pushes(nats.link, Map.of("buffer-messages", "100"));
        AssertSubscriber<Delivery> subscriber = few.subscribe(TestPulls.REF, Overflow.DROP_OLDEST)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(0));
        nats.publish(300);

        await().atMost(Timeouts.LIMIT).until(() -> few.dropped() == 200);
        subscriber.request(Long.MAX_VALUE);

        subscriber.awaitItems(100, Timeouts.LIMIT);
        assertThat(sequences(subscriber))
                .isEqualTo(LongStream.rangeClosed(201, 300).boxed().toList());
        subscriber.cancel();
        few.close();
    }

    @Test
    void withFlowControlNothingMayBeDropped() {
        nats.declare(push().flowControl(HEARTBEAT).build());

        AssertSubscriber<Delivery> subscriber = pushes.subscribe(TestPulls.REF, Overflow.DROP_NEWEST)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(1));

        subscriber.awaitFailure(Timeouts.LIMIT);
        assertThat(failure(subscriber)).isEqualTo(Failure.INVALID);
    }

    @Test
    void membersShareADeliverGroup() {
        nats.declare(push().deliverGroup("workers").build());
        AssertSubscriber<Delivery> one = subscribe(Long.MAX_VALUE);
        AssertSubscriber<Delivery> other = subscribe(Long.MAX_VALUE);
        AtomicInteger published = new AtomicInteger();

        await().atMost(Timeouts.LIMIT).until(() -> {
            nats.publish(10);
            published.addAndGet(10);
            return distinct(one) > 10 && distinct(other) > 10;
        });

        await().atMost(Timeouts.LIMIT).until(() -> distinct(one) + distinct(other) == published.get());
        assertThat(sequences(one)).doesNotContainAnyElementsOf(sequences(other));
        one.cancel();
        other.cancel();
    }

    @Test
    void continuesAfterAReconnect() {
        nats.declare(push().ackWait(Duration.ofSeconds(1)).build());
        AssertSubscriber<Delivery> subscriber = subscribe(Long.MAX_VALUE);
        nats.publish(1);
        subscriber.awaitItems(1, Timeouts.LIMIT);

        nats.reconnect();
        nats.publish(5);

        await().atMost(Timeouts.LIMIT).until(() -> distinct(subscriber) == 6);
        subscriber.cancel();
    }

    @Test
    void continuesAfterARestartOfTheServer() {
        nats.declare(
                push().ackWait(Duration.ofSeconds(1)).idleHeartbeat(HEARTBEAT).build());
        AssertSubscriber<Delivery> subscriber = subscribe(Long.MAX_VALUE);
        nats.publish(1);
        subscriber.awaitItems(1, Timeouts.LIMIT);

        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> !nats.link.up());
        server.start();
        await().atMost(Timeouts.LIMIT).until(() -> nats.side.getStatus() == Connection.Status.CONNECTED);
        nats.publish(5);

        await().atMost(Timeouts.LIMIT).until(() -> distinct(subscriber) == 6);
        subscriber.cancel();
    }

    @Test
    void failsWhenItsHeartbeatsEndBecauseTheConsumerWasDeleted() {
        failsWhenItIsDeleted(push().idleHeartbeat(HEARTBEAT).build());
    }

    @Test
    @Tag("slow")
    void failsWhenAConsumerWithoutHeartbeatsWasDeleted() {
        failsWhenItIsDeleted(push().build());
    }

    @Test
    void rejectsAPullConsumer() {
        nats.declare(nats.durable());

        AssertSubscriber<Delivery> subscriber = subscribe(1);

        subscriber.awaitFailure(Timeouts.LIMIT);
        assertThat(failure(subscriber)).isEqualTo(Failure.INVALID);
    }

    @Test
    void unsubscribesWhenCancelled() {
        nats.declare(push().build());
        AssertSubscriber<Delivery> subscriber = subscribe(Long.MAX_VALUE);
        await().atMost(Timeouts.LIMIT).until(() -> nats.info().isPushBound());

        subscriber.cancel();

        await().atMost(Timeouts.LIMIT).until(() -> !nats.info().isPushBound());
    }

    private void failsWhenItIsDeleted(ConsumerConfiguration consumer) {
        nats.declare(consumer);
        AssertSubscriber<Delivery> subscriber = subscribe(Long.MAX_VALUE);
        nats.publish(1);
        subscriber.awaitItems(1, Timeouts.LIMIT);

        nats.deleteConsumer();

        subscriber.awaitFailure(Timeouts.LIMIT);
        assertThat(failure(subscriber)).isEqualTo(Failure.NO_CONSUMER);
    }

    private AssertSubscriber<Delivery> subscribe(long demand) {
        return pushes.subscribe(TestPulls.REF).subscribe().withSubscriber(AssertSubscriber.create(demand));
    }

    private static ConsumerConfiguration.Builder push() {
        return ConsumerConfiguration.builder()
                .durable(TestPulls.REF.consumer())
                .deliverSubject("push." + NUID.nextGlobal())
                .ackPolicy(AckPolicy.Explicit);
    }

    private static List<Long> sequences(AssertSubscriber<Delivery> subscriber) {
        return subscriber.getItems().stream().map(Delivery::streamSequence).toList();
    }

    private static List<Long> firstOnes(long count) {
        return LongStream.rangeClosed(1, count).boxed().toList();
    }

    private static long distinct(AssertSubscriber<Delivery> subscriber) {
        return subscriber.getItems().stream()
                .map(Delivery::streamSequence)
                .distinct()
                .count();
    }

    private static Failure failure(AssertSubscriber<Delivery> subscriber) {
        return ((SluiceException) subscriber.getFailure()).failure();
    }
}
