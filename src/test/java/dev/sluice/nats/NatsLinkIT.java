package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One link through the life of its servers. */
class NatsLinkIT {
    private static final Duration SOON = Duration.ofSeconds(5);

    private final NatsServer server = NatsServer.started();
    private final NatsLink link = TestLinks.linkTo(server);

    @AfterEach
    void close() {
        link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        server.close();
    }

    @Test
    void givesTheConnectionWhenUp() {
        await().atMost(SOON).until(link::up);

        assertThat(link.connection().getServerInfo().getPort()).isEqualTo(server.port());
        assertThat(link.maxPayload()).isEqualTo(1 << 20);
    }

    @Test
    void refusesTheConnectionWhenDown() {
        await().atMost(SOON).until(link::up);

        server.kill();

        await().atMost(SOON).until(() -> !link.up());
        assertThatThrownBy(link::connection).isInstanceOfSatisfying(SluiceException.class, e -> assertThat(e.failure())
                .isEqualTo(Failure.UNAVAILABLE));
    }

    @Test
    void tellsOutagesAndTheirEnds() {
        Changes changes = new Changes();
        await().atMost(SOON).until(link::up);
        link.listen(changes);
        await().atMost(SOON).until(() -> changes.seen.equals(List.of("up")));

        server.kill();
        await().atMost(SOON).until(() -> changes.seen.equals(List.of("up", "down")));
        server.start();

        await().atMost(SOON).until(() -> changes.seen.equals(List.of("up", "down", "up")));
        assertThat(link.events().count(ConnectionEvent.RECONNECTED)).isEqualTo(1);
    }

    @Test
    void tellsALateListenerThatTheLinkIsDown() {
        NatsLink away = TestLinks.link(Map.of("servers", "nats://127.0.0.1:" + NatsServer.freePort()));
        Changes changes = new Changes();

        away.listen(changes);

        await().atMost(SOON).until(() -> changes.seen.equals(List.of("down")));
        away.drain(Duration.ofSeconds(1));
    }

    /** What a listener was told, in order. */
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
