package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.FreePorts;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One link while its servers start, stop and restart. */
class NatsLinkIT {

    private final NatsServer server = NatsServer.started();
    private final NatsLink link = TestLinks.linkTo(server);

    @AfterEach
    void close() {
        link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        server.close();
    }

    @Test
    void returnsTheConnectionIfConnected() {
        await().atMost(Timeouts.LIMIT).until(link::up);

        assertThat(link.connection().getServerInfo().getPort()).isEqualTo(server.port());
        assertThat(link.maxPayload()).isEqualTo(1 << 20);
    }

    @Test
    void failsIfNotConnected() {
        await().atMost(Timeouts.LIMIT).until(link::up);

        server.kill();

        await().atMost(Timeouts.LIMIT).until(() -> !link.up());
        assertThatThrownBy(link::connection).isInstanceOfSatisfying(SluiceException.class, e -> assertThat(e.failure())
                .isEqualTo(Failure.UNAVAILABLE));
    }

    @Test
    void reportsOutagesAndTheirEnds() {
        Changes changes = new Changes();
        await().atMost(Timeouts.LIMIT).until(link::up);
        link.listen(changes);
        await().atMost(Timeouts.LIMIT).until(() -> changes.seen.equals(List.of("up")));

        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> changes.seen.equals(List.of("up", "down")));
        server.start();

        await().atMost(Timeouts.LIMIT).until(() -> changes.seen.equals(List.of("up", "down", "up")));
        assertThat(link.events().count(ConnectionEvent.RECONNECTED)).isEqualTo(1);
    }

    @Test
    void notifiesALateListenerThatTheLinkIsDown() {
        NatsLink away = TestLinks.link(Map.of("servers", "nats://127.0.0.1:" + FreePorts.next()));
        Changes changes = new Changes();

        away.listen(changes);

        await().atMost(Timeouts.LIMIT).until(() -> changes.seen.equals(List.of("down")));
        away.drain(Duration.ofSeconds(1));
    }

    @Test
    void connectsToAServerThatStartsLater() {
        server.kill();
        NatsLink early = TestLinks.linkTo(server);
        await().atMost(Timeouts.LIMIT).until(() -> early.events().count(ConnectionEvent.ATTEMPT_FAILED) > 3);
        assertThat(early.up()).isFalse();

        server.start();

        await().atMost(Timeouts.LIMIT).until(early::up);
        early.drain(Duration.ofSeconds(1));
    }

    @Test
    void givesUpAfterTheConfiguredReconnects() {
        server.kill();
        NatsLink bounded = TestLinks.link(Map.of("servers", server.url(), "max-reconnects", "3"));
        await().atMost(Timeouts.LIMIT).until(() -> bounded.events().count(ConnectionEvent.CLOSED) == 1);

        server.start();

        await().during(Duration.ofMillis(500)).atMost(Timeouts.LIMIT).until(() -> !bounded.up());
        assertThat(bounded.events().count(ConnectionEvent.GAVE_UP)).isEqualTo(1);
        assertThat(bounded.events().count(ConnectionEvent.ATTEMPT_FAILED)).isEqualTo(4);
    }

    @Test
    void movesToAnotherServerInLameDuckMode() {
        try (NatsServer other = NatsServer.started()) {
            NatsLink two = TestLinks.link(Map.of("servers", server.url() + "," + other.url(), "lame-duck-wait", "1ms"));
            await().atMost(Timeouts.LIMIT).until(two::up);
            NatsServer first = two.connection().getServerInfo().getPort() == server.port() ? server : other;

            first.lameDuck();

            await().atMost(Timeouts.LIMIT).until(() -> two.events().count(ConnectionEvent.RECONNECTED) == 1);
            assertThat(two.connection().getServerInfo().getPort()).isNotEqualTo(first.port());
            assertThat(two.events().count(ConnectionEvent.LAME_DUCK)).isEqualTo(1);
            two.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        }
    }

    @Test
    void deliversPendingMessagesWhenItDrains() {
        await().atMost(Timeouts.LIMIT).until(link::up);
        List<String> seen = new CopyOnWriteArrayList<>();
        Connection connection = link.connection();
        connection.createDispatcher(message -> seen.add(message.getSubject())).subscribe("a.*");
        IntStream.range(0, 100).forEach(i -> connection.publish("a." + i, new byte[0]));

        assertThat(link.drain(Timeouts.LIMIT).toCompletableFuture().join()).isTrue();

        assertThat(seen).hasSize(100);
        assertThat(connection.getStatus()).isEqualTo(Connection.Status.CLOSED);
        assertThat(link.up()).isFalse();
    }

    @Test
    void closesPromptlyWhileNatsIsUnavailable() {
        await().atMost(Timeouts.LIMIT).until(link::up);
        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> link.events().count(ConnectionEvent.ATTEMPT_FAILED) > 2);

        assertThat(link.drain(Duration.ofSeconds(1)).toCompletableFuture())
                .succeedsWithin(Duration.ofSeconds(2))
                .isEqualTo(false);
    }

    @Test
    void notifiesTheOtherListenersIfOneThrows() {
        Changes changes = new Changes();
        link.listen(new LinkListener() {
            @Override
            public void up(Connection connection) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void down() {
                throw new IllegalStateException("on purpose");
            }
        });

        link.listen(changes);

        await().atMost(Timeouts.LIMIT).until(() -> changes.seen.contains("up"));
    }

    /** Records the notifications of a listener, in order. */
    private static final class Changes implements LinkListener {
        private final List<String> seen = new CopyOnWriteArrayList<>();

        @Override
        public void up(Connection connection) {
            seen.add("up");
        }

        @Override
        public void down() {
            seen.add("down");
        }
    }
}
