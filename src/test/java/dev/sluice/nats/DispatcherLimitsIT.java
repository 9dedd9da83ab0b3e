package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.flow.Overflow;
import dev.sluice.nats.TestSubscriptions.Changes;
import dev.sluice.nats.TestSubscriptions.Watched;
import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import dev.sluice.support.Timeouts;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that wait for the thread of a dispatcher, which a subscriber blocks. */
class DispatcherLimitsIT {
    private static final int COUNT = 1_000;

    private final NatsServer server = NatsServer.started();
    private final RawClient publisher = new RawClient(server);
    private final CountDownLatch block = new CountDownLatch(1);
    private final AtomicInteger received = new AtomicInteger();
    private final Changes changes = new Changes();

    @AfterEach
    void close() {
        block.countDown();
        publisher.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"buffer-messages=20", "buffer-size=2000"})
    void dropsWhatIsBeyondThemAndReportsEachMessage(String limit) {
        try (TestSubscriptions nats = subscriptions(limit)) {
            publishWhileBlocked(nats, Overflow.DROP_OLDEST);

            await().atMost(Timeouts.LIMIT).until(() -> received.get() + changes.dropped.get() == COUNT);
            assertThat(received.get()).isBetween(2, 25);
            assertThat(nats.subscriptions.dropped()).isEqualTo(changes.dropped.get());
        }
    }

    @Test
    void dropNothingOfASubscriberThatMayMissNothing() {
        try (TestSubscriptions nats = subscriptions("buffer-messages=20")) {
            publishWhileBlocked(nats, Overflow.FAIL);

            await().atMost(Timeouts.LIMIT).until(() -> received.get() == COUNT);
            assertThat(changes.dropped.get()).isZero();
        }
    }

    private TestSubscriptions subscriptions(String limit) {
        String[] parts = limit.split("=");
        return new TestSubscriptions(server, Map.of(parts[0], parts[1], "dispatchers", "2"));
    }

    /** All messages have reached the dispatcher when a subscriber of the other one has a later message. */
    private void publishWhileBlocked(TestSubscriptions nats, Overflow overflow) {
        nats.subscriptions
                .subscribe(TestSubscriptions.set("a.b"), Optional.empty(), overflow, changes)
                .subscribe()
                .with(message -> receive());
        await().atMost(Timeouts.LIMIT).until(() -> changes.seen.contains("active"));
        Watched other = nats.watch("end");
        for (int i = 0; i < COUNT; i++) {
            publisher.publish("a.b", "x".repeat(100));
        }
        other.awaitMarker(publisher, "end", Timeouts.LIMIT);
        block.countDown();
    }

    private void receive() {
        received.incrementAndGet();
        try {
            block.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
