package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.NatsServer;
import dev.sluice.support.TcpProxy;
import dev.sluice.support.Timeouts;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fetches and acks at a consumer with three messages whose server answers slowly or not at all. */
class SlowServerIT {
    private static final FetchRequest UNWAITING = new FetchRequest(10, 1 << 20, Duration.ofMillis(500), false);

    private final NatsServer server = NatsServer.started();
    private final TcpProxy way = TcpProxy.to(server.port());
    private final TestPulls test = new TestPulls("nats://127.0.0.1:" + way.port(), Map.of("api-timeout", "1500ms"));

    @BeforeEach
    void publish() {
        test.emptyStream(StorageType.Memory);
        test.declare(test.durable());
        test.publish(3);
    }

    @AfterEach
    void stop() {
        way.restore();
        test.close();
        way.close();
        server.close();
    }

    @Test
    void aFetchWithoutWaitingReturnsTheMessagesOfASlowServer() {
        way.delay(Duration.ofMillis(400));

        UniAssertSubscriber<List<Delivery>> fetched = fetch();

        assertThat(fetched.awaitItem(Timeouts.LIMIT).getItem()).hasSize(3);
    }

    @Test
    void aFetchWithoutWaitingFailsIfTheServerDoesNotAnswer() {
        way.delay(Duration.ofMillis(200));
        UniAssertSubscriber<List<Delivery>> fetched = fetch();
        await().pollInterval(Duration.ofMillis(1)).atMost(Timeouts.LIMIT).until(() -> test.counters.pulls() == 1);

        way.hold();

        assertThat(((SluiceException) fetched.awaitFailure(Timeouts.LIMIT).getFailure()).failure())
                .isEqualTo(Failure.UNAVAILABLE);
    }

    @Test
    void aDeliveryWhoseConfirmedAckIsCancelledCanBeSettled() {
        Delivery delivery = fetch().awaitItem(Timeouts.LIMIT).getItem().get(0);
        way.hold();

        delivery.ackConfirmed(Timeouts.LIMIT).subscribe().with(confirmed -> {}).cancel();

        assertThat(delivery.ack()).isTrue();
    }

    private UniAssertSubscriber<List<Delivery>> fetch() {
        return test.pulls.fetchWhole(TestPulls.REF, UNWAITING).subscribe().withSubscriber(UniAssertSubscriber.create());
    }
}
