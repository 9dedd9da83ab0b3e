package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.flow.Validity;
import dev.sluice.support.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One timer serves all tails of an event loop. A failing tail neither stops nor delays it. */
class HeartbeatTimerTest {
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final EventsConfig CONFIG = Settings.of(
            EventsConfig.class, Map.of("sluice.events.heartbeat", "0s", "sluice.events.client-buffer", "10"));

    private final ScriptedLoop loop = new ScriptedLoop();
    private final HeartbeatTimer timer = new HeartbeatTimer(loop.loop(), CONFIG);

    private record Client(ScriptedResponse socket, SseConnection connection) {}

    @Test
    void sendsHeartbeatsToIdleTails() {
        Client client = client();

        loop.forward(TICK);

        assertThat(client.socket.written()).containsExactly(":\n\n");
    }

    @Test
    void aFailingTailDelaysNoHeartbeatOfTheOthers() {
        client().socket.breakWrites();
        Client other = client();

        for (int i = 0; i < 3; i++) {
            loop.forward(TICK);
            assertThat(other.socket.written()).containsExactly(":\n\n");
            other.socket.take();
        }
    }

    @Test
    void yieldsTheEventLoopAfterSomeTails() {
        List<Client> clients = IntStream.range(0, 1_000).mapToObj(i -> client()).toList();

        loop.forwardOneTurn(TICK);
        assertThat(clients.stream().filter(client -> !client.socket.written().isEmpty()))
                .hasSizeBetween(1, 100);
        loop.run();

        assertThat(clients.get(999).socket.written()).hasSize(1);
    }

    @Test
    void runsOnlyWhileThereAreTails() {
        boolean idleAtFirst = loop.idle();
        Client client = client();
        timer.remove(client.connection);
        loop.forward(TICK);
        boolean idleAgain = loop.idle();

        Client next = client();
        loop.forward(TICK);

        assertThat(idleAtFirst).isTrue();
        assertThat(idleAgain).isTrue();
        assertThat(next.socket.written()).containsExactly(":\n\n");
    }

    @Test
    void endsWhenAllTailsOfAStoppingInstanceHaveEnded() {
        List<Client> clients = IntStream.range(0, 200).mapToObj(i -> client()).toList();
        clients.forEach(client -> client.connection.onClosed(() -> timer.remove(client.connection)));

        timer.stop();
        loop.run();
        assertThat(clients).allSatisfy(client -> assertThat(client.socket.written())
                .singleElement()
                .asString()
                .contains("shutdown"));
        clients.forEach(client -> client.socket.take());
        clients.forEach(client -> client.socket.take());
        loop.forward(TICK);

        assertThat(loop.idle()).isTrue();
    }

    private Client client() {
        ScriptedResponse socket = new ScriptedResponse();
        SseConnection connection = new SseConnection("a.b", socket.client(loop, Validity.until(Instant.MAX)), CONFIG);
        timer.add(connection);
        return new Client(socket, connection);
    }
}
