package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One timer for all tails of a loop, which nobody can stop or slow down. */
class TailClockTest {
    private static final Duration TICK = Duration.ofSeconds(1);

    private final ScriptedLoop loop = new ScriptedLoop();
    private final TailClock clock =
            new TailClock(loop.loop(), Settings.of(EventsConfig.class, Map.of("sluice.events.heartbeat", "0s")));

    private record Client(ScriptedResponse socket, Tail tail) {}

    @Test
    void sendsHeartbeatsToTheSilent() {
        Client client = client();

        loop.forward(TICK);

        assertThat(client.socket.written()).containsExactly(":\n\n");
    }

    @Test
    void aTailThatFailsKeepsNobodyFromTheirsNorFromTheNext() {
        Tail broken = new Tail("a.b", null, 10, Lifetime.of(Duration.ofMinutes(10), Instant.MAX));
        clock.add(broken);
        Client other = client();

        for (int i = 0; i < 3; i++) {
            loop.forward(TICK);
            assertThat(other.socket.written()).containsExactly(":\n\n");
            other.socket.take();
        }
    }

    @Test
    void makesWayForOthersAfterSomeOfThem() {
        List<Client> clients = IntStream.range(0, 1_000).mapToObj(i -> client()).toList();

        loop.forwardOneTurn(TICK);
        assertThat(clients.stream().filter(client -> !client.socket.written().isEmpty()))
                .hasSizeBetween(1, 100);
        loop.run();

        assertThat(clients.get(999).socket.written()).hasSize(1);
    }

    @Test
    void endsWhenAllHaveLeftAStoppingInstance() {
        List<Client> clients = IntStream.range(0, 200).mapToObj(i -> client()).toList();
        clients.forEach(client -> client.tail.whenGone(() -> clock.remove(client.tail)));

        clock.stop();
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
        Tail tail = new Tail("a.b", socket.response(), 10, Lifetime.of(Duration.ofMinutes(10), Instant.MAX));
        clock.add(tail);
        return new Client(socket, tail);
    }
}
