package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Server-push delivery: an existing push consumer as a Multi, held back by its own flow control. */
@TestInstance(Lifecycle.PER_CLASS)
class PushConsumerIT {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final NatsServer server = NatsServer.started();
    private final TestPulls nats = new TestPulls(server);
    private final PushSubscriptions pushes =
            new PushSubscriptions(nats.link, Settings.of(PushConfig.class, Map.of()), TestPulls.config(Map.of()));

    @BeforeEach
    void emptyStream() {
        nats.emptyStream(StorageType.File);
    }

    @AfterAll
    void close() {
        pushes.close();
        nats.close();
        server.close();
    }

    @Test
    void deliversInOrderAndSettles() {
        nats.declare(push().build());
        AssertSubscriber<Delivery> subscriber = subscribe(Long.MAX_VALUE);

        nats.publish(100);

        subscriber.awaitItems(100, SOON);
        assertThat(subscriber.getItems().stream()
                        .limit(100)
                        .map(PushConsumerIT::text)
                        .toList())
                .isEqualTo(IntStream.range(0, 100).mapToObj(Integer::toString).toList());
        subscriber.getItems().forEach(Delivery::ack);
        Awaitility.await().atMost(SOON).until(() -> nats.info().getNumAckPending() == 0);
        subscriber.cancel();
    }

    @Test
    void holdsTheServerBackByFlowControlUntilTheSubscriberHasTakenWhatCame() {
        nats.declare(push().ackPolicy(AckPolicy.None)
                .flowControl(Duration.ofMillis(500))
                .build());
        nats.publish(3000, i -> new byte[1024]);
        AssertSubscriber<Delivery> subscriber = subscribe(1);
        subscriber.awaitItems(1, SOON);

        long heldBack = nats.info().getNumPending();
        subscriber.request(Long.MAX_VALUE);

        assertThat(heldBack).isPositive();
        subscriber.awaitItems(3000, SOON).cancel();
    }

    @Test
    void sharesADeliverGroup() {
        nats.declare(push().deliverGroup("workers").build());
        List<AssertSubscriber<Delivery>> members = List.of(subscribe(Long.MAX_VALUE), subscribe(Long.MAX_VALUE));
        Awaitility.await().atMost(SOON).until(() -> nats.info().isPushBound());

        nats.publish(200);

        Awaitility.await()
                .atMost(SOON)
                .until(() -> members.stream()
                                .mapToInt(member -> member.getItems().size())
                                .sum()
                        == 200);
        members.forEach(AssertSubscriber::cancel);
    }

    @Test
    void goesOnAfterAReconnect() {
        nats.declare(push().build());
        AssertSubscriber<Delivery> subscriber = subscribe(Long.MAX_VALUE);
        nats.publish(1);
        subscriber.awaitItems(1, SOON);

        nats.reconnect();
        nats.publish(5);

        Awaitility.await()
                .atMost(SOON)
                .until(() -> subscriber.getItems().stream()
                                .map(Delivery::streamSequence)
                                .distinct()
                                .count()
                        == 6);
        subscriber.cancel();
    }

    @Test
    void failsWhenTheConsumerWasDeleted() {
        nats.declare(push().idleHeartbeat(Duration.ofMillis(250)).build());
        AssertSubscriber<Delivery> subscriber = subscribe(Long.MAX_VALUE);
        nats.publish(1);
        subscriber.awaitItems(1, SOON);

        nats.deleteConsumer();

        subscriber.awaitFailure(SOON);
        assertThat(((SluiceException) subscriber.getFailure()).failure()).isEqualTo(Failure.NOT_FOUND);
    }

    @Test
    void refusesAPullConsumer() {
        nats.declare(nats.durable());

        SluiceException failure = catchThrowableOfType(
                SluiceException.class,
                () -> pushes.subscribe(TestPulls.REF).toUni().await().atMost(SOON));

        assertThat(failure.failure()).isEqualTo(Failure.INVALID);
    }

    private AssertSubscriber<Delivery> subscribe(long demand) {
        return pushes.subscribe(TestPulls.REF).subscribe().withSubscriber(AssertSubscriber.create(demand));
    }

    private static ConsumerConfiguration.Builder push() {
        return ConsumerConfiguration.builder()
                .durable(TestPulls.REF.consumer())
                .deliverSubject("push.work")
                .ackPolicy(AckPolicy.Explicit);
    }

    private static String text(Delivery delivery) {
        return new String(delivery.data(), StandardCharsets.UTF_8);
    }
}
