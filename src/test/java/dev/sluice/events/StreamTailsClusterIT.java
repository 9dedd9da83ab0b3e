package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsServer;
import dev.sluice.support.SseClient;
import dev.sluice.support.SseClient.Frame;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Stream tails in a cluster while a server fails that Sluice is not connected to. */
@Tag("slow")
class StreamTailsClusterIT {
    private static final String OURS = "n0";

    private final NatsCluster cluster = NatsCluster.started();
    private final List<SseClient> clients = new ArrayList<>();
    private TestStreams streams;
    private TailsServer server;

    @BeforeEach
    void serve() {
        NatsServer ours = cluster.server(OURS);
        streams = new TestStreams(ours);
        server = new TailsServer(ours, Map.of());
    }

    @AfterEach
    void close() {
        clients.forEach(SseClient::close);
        server.close();
        streams.close();
        cluster.close();
    }

    @Test
    void continuesAtAnotherServerWhenTheServerOfItsConsumerIsKilled() {
        create(3, StorageType.File);
        String elsewhere = null;
        SseClient client = null;
        while (elsewhere == null) {
            client = open("?subject=logs.a&subject=logs.other" + clients.size() + "&raw")
                    .untilConnected();
            List<String> leaders = streams.consumerLeaders("LOGS");
            elsewhere = leaders.get(leaders.size() - 1).equals(OURS) || leaders.size() > 1 ? null : leaders.get(0);
            if (elsewhere == null) {
                client.close();
                await().atMost(Timeouts.LIMIT).until(() -> streams.consumers("LOGS") == 0);
            }
        }
        streams.storeOnce("logs.a", "0");
        assertThat(client.await("message").data()).isEqualTo("0");

        cluster.server(elsewhere).kill();
        for (int i = 1; i < 50; i++) {
            streams.storeOnce("logs.a", "" + i);
        }

        assertThat(client.messages(49)).extracting(Frame::data).containsExactlyElementsOf(TestStreams.numbers(1, 50));
        streams.storeOnce("logs.a", "50");
        assertThat(client.await("message").data()).isEqualTo("50");
    }

    @Test
    void continuesWhileTheLeaderOfItsStreamIsFrozenAndWhenItComesBack() {
        String leader = createElsewhere(3, StorageType.File);
        SseClient client = open("?subject=logs.>&raw").untilConnected();
        SseClient history = open("?subject=logs.>&raw&start=all");
        streams.storeOnce("logs.a", "0");
        assertThat(client.await("message").data()).isEqualTo("0");

        NatsServer frozen = cluster.server(leader);
        frozen.freeze();
        try {
            for (int i = 1; i < 20; i++) {
                streams.storeOnce("logs.a", "" + i);
            }
        } finally {
            frozen.thaw();
        }
        for (int i = 20; i < 40; i++) {
            streams.storeOnce("logs.a", "" + i);
        }

        for (SseClient watching : List.of(client, history)) {
            List<Frame> read = watching.until(frame -> frame.data().equals("39"));
            assertThat(read).extracting(Frame::type).doesNotContain("gap", "closed");
            assertThat(read.stream()
                            .filter(frame -> frame.type().equals("message"))
                            .map(Frame::data))
                    .endsWith(TestStreams.numbers(1, 40).toArray(String[]::new));
        }
    }

    @Test
    void readsANewEpochFromItsBeginningIfOnlyTheMessagesRevealIt() {
        String home = createElsewhere(1, StorageType.Memory);
        SseClient live = open("?subject=logs.>&raw").untilConnected();
        streams.store("logs.a", 0, 20);
        List<Frame> before = live.messages(20);
        String last = before.get(19).field("id").findFirst().orElseThrow();

        cluster.server(home).kill();
        cluster.server(home).start();
        await().atMost(Timeouts.LIMIT).ignoreExceptions().until(() -> streams.last("LOGS") == 0);
        for (int i = 100; i < 130; i++) {
            streams.storeOnce("logs.a", "" + i);
        }

        SseClient back = open("?subject=logs.>&raw&start=" + last);
        assertThat(back.await("gap").data()).isEqualTo("{\"reason\":\"stream-recreated\"}");
        assertThat(back.messages(30)).extracting(Frame::data).containsExactlyElementsOf(TestStreams.numbers(100, 130));
        assertThat(live.await("gap").data()).isEqualTo("{\"reason\":\"stream-recreated\"}");
        assertThat(live.messages(30)).extracting(Frame::data).containsExactlyElementsOf(TestStreams.numbers(100, 130));
    }

    @Test
    void reportsThatAReplicatedStreamHasLostItsEndOnceNoServerCanLag() {
        createElsewhere(3, StorageType.File);
        streams.store("logs.a", 0, 10);
        SseClient reader = open("?subject=logs.>&raw&start=all");
        String last = reader.until(frame -> frame.data().equals("9")).stream()
                .flatMap(frame -> frame.field("id"))
                .reduce((earlier, later) -> later)
                .orElseThrow();

        SseClient ahead = open("?subject=logs.>&raw&start=" + last.replaceFirst("-10$", "-15"));

        assertThat(ahead.await("gap").data()).isEqualTo("{\"reason\":\"stream-recreated\"}");
        assertThat(ahead.messages(10)).extracting(Frame::data).containsExactlyElementsOf(TestStreams.numbers(0, 10));
    }

    /** Creates the stream with its leader on a server that Sluice is not connected to, and returns the leader. */
    private String createElsewhere(int replicas, StorageType storage) {
        String leader = OURS;
        while (leader.equals(OURS)) {
            create(replicas, storage);
            leader = streams.leader("LOGS");
        }
        return leader;
    }

    private void create(int replicas, StorageType storage) {
        cluster.delete("LOGS");
        cluster.create(StreamConfiguration.builder()
                .name("LOGS")
                .subjects("logs.>")
                .storageType(storage)
                .replicas(replicas)
                .allowDirect(true)
                .build());
    }

    private SseClient open(String query) {
        SseClient client = SseClient.open(server.port(), query);
        clients.add(client);
        return client.within(Timeouts.LIMIT);
    }
}
