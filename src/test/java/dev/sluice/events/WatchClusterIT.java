package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.ManagementCall;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsServer;
import dev.sluice.support.SseClient;
import dev.sluice.support.SseClient.Frame;
import dev.sluice.support.TestConnections;
import io.nats.client.Connection;
import io.nats.client.Options;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Watchers of a replicated bucket through kills of its servers under load. */
@Tag("slow")
class WatchClusterIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int KEYS = 20;
    private static final String LAST = "last";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final NatsCluster cluster = NatsCluster.started();
    private final AtomicInteger stored = new AtomicInteger();
    private TailsServer server;
    private Connection nats;

    @BeforeEach
    void serve() {
        nats = TestConnections.open(Options.builder()
                .servers(cluster.urls().split(","))
                .maxReconnects(-1)
                .reconnectWait(Duration.ofMillis(50))
                .connectionTimeout(Duration.ofSeconds(1)));
        server = new TailsServer(TestLinks.to(cluster), Map.of());
    }

    @AfterEach
    void close() throws InterruptedException {
        server.close();
        nats.close();
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void endsWithTheStateOfTheBucketAndNeverGoesBackwards(int history) throws Exception {
        create(history);
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> load = CompletableFuture.runAsync(() -> write(over));
        List<Watcher> watchers = List.of(new Watcher(Integer.MAX_VALUE), new Watcher(40), new Watcher(1_000));
        List<CompletableFuture<Void>> watching =
                watchers.stream().map(CompletableFuture::runAsync).toList();

        for (NatsServer killed : cluster.servers()) {
            pass();
            killed.kill();
            pass();
            killed.start();
            cluster.awaitCurrent("KV_B");
        }
        over.set(true);
        load.join();
        publish(LAST, Integer.MAX_VALUE);
        CompletableFuture.allOf(watching.toArray(CompletableFuture[]::new))
                .orTimeout(SOON.toSeconds(), TimeUnit.SECONDS)
                .join();

        Map<String, Long> state = state();
        long first = nats.jetStreamManagement()
                .getStreamInfo("KV_B")
                .getStreamState()
                .getFirstSequence();
        assertThat(watchers).allSatisfy(watcher -> {
            assertThat(watcher.wentBack).isEmpty();
            assertThat(watcher.otherGaps).isEmpty();
            assertThat(watcher.lastGone).isLessThan(first);
            assertThat(watcher.state).isEqualTo(state);
        });
    }

    /** Waits until more writes are stored. */
    private void pass() {
        int before = stored.get();
        await().atMost(SOON).until(() -> stored.get() >= before + 2 * KEYS);
    }

    private void create(int history) {
        cluster.create(StreamConfiguration.builder()
                .name("KV_B")
                .subjects("$KV.B.>")
                .maxMessagesPerSubject(history)
                .replicas(3)
                .storageType(StorageType.File)
                .allowDirect(true)
                .allowRollup(true)
                .denyDelete(true)
                .build());
    }

    /** Sets, deletes and purges keys until {@code over}. */
    private void write(AtomicBoolean over) {
        for (int i = 0; !over.get(); i++) {
            publish("k" + i % KEYS, i);
            stored.incrementAndGet();
        }
    }

    private void publish(String key, int number) {
        Headers headers = new Headers();
        if (number % 7 == 3) {
            headers.put("KV-Operation", "DEL");
        } else if (number % 41 == 5) {
            headers.put("KV-Operation", "PURGE").put("Nats-Rollup", "sub");
        }
        byte[] value = headers.isEmpty() ? Integer.toString(number).getBytes(StandardCharsets.UTF_8) : new byte[0];
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptions()
                .until(() -> {
                    nats.jetStream()
                            .publishAsync("$KV.B." + key, headers, value)
                            .get(2, TimeUnit.SECONDS);
                    return true;
                });
    }

    /** Returns the last revision of each key, negative for a deletion. */
    private Map<String, Long> state() {
        Map<String, Long> state = new TreeMap<>();
        Stream.iterate(0, i -> i + 1).limit(KEYS).map(i -> "k" + i).forEach(key -> state.put(key, last(key)));
        state.put(LAST, last(LAST));
        return state;
    }

    private long last(String key) {
        MessageInfo message =
                ManagementCall.make(nats, management -> management.getLastMessage("KV_B", "$KV.B." + key));
        Headers headers = message.getHeaders();
        boolean deletion = headers != null && headers.containsKey("KV-Operation");
        return deletion ? -message.getSeq() : message.getSeq();
    }

    /** Keeps the state that the events tell, and reconnects with the last id after some events and when it is closed. */
    private final class Watcher implements Runnable {
        private final int eventsPerConnection;
        private final Map<String, Long> state = new TreeMap<>();
        private final List<String> wentBack = new ArrayList<>();
        private final List<String> otherGaps = new ArrayList<>();
        private String id = "";
        private long revision;
        private long lastGone;

        Watcher(int eventsPerConnection) {
            this.eventsPerConnection = eventsPerConnection;
        }

        @Override
        public void run() {
            while (!state.containsKey(LAST)) {
                String start = id.isEmpty() ? "" : "&start=" + id;
                try (SseClient client =
                        SseClient.open(server.port(), "?bucket=B" + start).within(SOON)) {
                    if (client.exchange().status() == 200) {
                        read(client);
                    }
                }
            }
        }

        private void read(SseClient client) {
            int left = eventsPerConnection;
            for (Frame frame = client.next(); frame != null && left > 0; frame = client.next()) {
                frame.field("id").forEach(next -> id = next);
                if (frame.type().equals("message")) {
                    change(json(frame.data()));
                    left--;
                } else if (frame.type().equals("gap")) {
                    gap(json(frame.data()));
                }
                if (state.containsKey(LAST)) {
                    return;
                }
            }
        }

        private void change(JsonNode change) {
            long next = change.path("revision").longValue();
            if (next <= revision) {
                wentBack.add(revision + " " + change);
            }
            revision = next;
            boolean deletion = !change.path("operation").textValue().equals("put");
            state.put(change.path("key").textValue(), deletion ? -next : next);
        }

        private void gap(JsonNode gap) {
            if (gap.has("reason")) {
                otherGaps.add(gap.toString());
            }
            lastGone = Math.max(lastGone, gap.path("to").longValue());
        }
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }
}
