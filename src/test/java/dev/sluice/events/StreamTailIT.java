package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.flow.Validity;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.ReplayStart;
import dev.sluice.stream.replay.TestReplay;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tail whose position NATS does not report. */
class StreamTailIT {

    private final NatsServer nats = NatsServer.started();
    private final NatsLinks links = TestLinks.to(nats);
    private final EventsConfig config = Settings.of(EventsConfig.class, Map.of());
    private final ScriptedLoop loop = new ScriptedLoop();
    private final ScriptedResponse socket = new ScriptedResponse();

    @BeforeEach
    void stopNats() {
        nats.kill();
        await().atMost(Timeouts.LIMIT).until(() -> !links.consuming().up());
    }

    @AfterEach
    void close() {
        links.close();
        nats.close();
    }

    @Test
    void reportsThatItIsNotConnectedOnlyIfItTakesLong() {
        SseConnection connection = new SseConnection("logs", socket.client(loop, Validity.until(Instant.MAX)), config);
        connection.reportStatus(ControlEvents.CONNECTED);
        tail(connection).seek(ReplayStart.Edge.NEW);
        socket.take();
        socket.written();

        loop.forward(Duration.ofSeconds(1));
        assertThat(socket.written()).isEmpty();
        loop.forward(Duration.ofSeconds(1));

        assertThat(socket.written()).singleElement().asString().contains("reconnecting");
    }

    private StreamTail tail(SseConnection connection) {
        FilterWorkers workers = new FilterWorkers(config);
        Replay replay = TestReplay.through(links);
        TailRequest request = new TailRequest(
                SubjectSet.of(List.of(new SubjectPattern("logs.>"))),
                MessageFilter.NONE,
                EventFormat.RAW,
                TailRequest.Source.ANY,
                Optional.empty(),
                Optional.empty());
        return new StreamTail(
                request,
                connection,
                replay,
                new StreamFeeds(replay, config, workers),
                new Backfill(replay, config, workers),
                () -> () -> {});
    }
}
