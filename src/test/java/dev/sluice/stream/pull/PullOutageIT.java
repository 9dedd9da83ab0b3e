package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pull subscriptions, fetches and acks while the only server is down or frozen. */
class PullOutageIT {

    private NatsServer server;
    private TestPulls test;

    @BeforeEach
    void start() {
        server = NatsServer.started();
        test = new TestPulls(server);
        test.emptyStream(StorageType.File);
    }

    @AfterEach
    void stop() {
        test.close();
        server.close();
    }

    @Test
    void resumesAtARestartOfTheServer() {
        test = withoutTimeouts();
        test.declare(test.durable());
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, Long.MAX_VALUE);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() > 0);

        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> !test.link.up());
        server.start();
        await().atMost(Timeouts.LIMIT)
                .until(() -> test.link.up() && test.side.getStatus() == Connection.Status.CONNECTED);
        test.publish(10);

        subscriber.awaitItems(10, Timeouts.LIMIT);
        subscriber.cancel();
    }

    @Test
    void startsWhenNatsStarts() {
        test.declare(test.durable());
        test.publish(3);
        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> !test.link.up());

        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 3);
        server.start();

        subscriber.awaitItems(3, Timeouts.LIMIT);
        subscriber.cancel();
    }

    @Test
    void survivesAServerThatHangs() {
        test.declare(test.durable());
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 10);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() > 0);

        server.freeze();
        await().atMost(Timeouts.LIMIT).until(() -> test.counters.missedHeartbeats() > 0);
        server.thaw();
        test.publish(10);

        subscriber.awaitItems(10, Timeouts.LIMIT);
        assertThat(test.counters.resets()).isPositive();
        subscriber.cancel();
    }

    @Test
    void aConfirmedAckWithoutAnAnswerLeavesTheDeliveryOpen() {
        test.declare(test.durable());
        test.publish(1);
        Delivery delivery = test.subscribe(TestPulls.REF, 1)
                .awaitItems(1, Timeouts.LIMIT)
                .getItems()
                .get(0);
        server.freeze();
        await().atMost(Timeouts.LIMIT).until(() -> !serverAnswers());

        Failure first = failure(delivery.ackConfirmed(Duration.ofMillis(300))
                .subscribe()
                .withSubscriber(UniAssertSubscriber.create())
                .awaitFailure(Timeouts.LIMIT)
                .getFailure());
        server.thaw();

        assertThat(first).isEqualTo(Failure.OUTCOME_UNKNOWN);
        delivery.ackConfirmed(Timeouts.LIMIT).await().atMost(Timeouts.LIMIT);
        assertThat(delivery.settled()).isTrue();
    }

    @Test
    void aFetchFailsWhenTheConnectionIsLost() {
        test.declare(test.durable());
        AssertSubscriber<List<Delivery>> waiting = fetch();
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() == 1);

        server.kill();

        assertThat(failure(waiting.awaitFailure(Timeouts.LIMIT).getFailure())).isEqualTo(Failure.UNAVAILABLE);
        assertThat(failure(fetch().awaitFailure(Timeouts.LIMIT).getFailure())).isEqualTo(Failure.UNAVAILABLE);
    }

    /** Returns subscriptions that only the loss of their connection makes pull again. */
    private TestPulls withoutTimeouts() {
        test.close();
        return new TestPulls(server, Map.of("expires", "10m", "heartbeat", "5m"));
    }

    private AssertSubscriber<List<Delivery>> fetch() {
        return test.pulls
                .fetch(TestPulls.REF, new FetchRequest(1, 1 << 20, Duration.ofSeconds(30), true))
                .subscribe()
                .withSubscriber(AssertSubscriber.create(1));
    }

    private boolean serverAnswers() throws InterruptedException {
        try {
            test.side.flush(Duration.ofMillis(200));
            return true;
        } catch (TimeoutException frozen) {
            return false;
        }
    }

    private static Failure failure(Throwable thrown) {
        return ((SluiceException) thrown).failure();
    }
}
