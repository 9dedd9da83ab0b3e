package dev.sluice.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import dev.sluice.support.SseClient;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.PurgeOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Streams, consumers and limits are changed by others while the service runs. The service reports the changes as
 * documented and recovers.
 */
@Tag("reliability")
class StreamChangesIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String ALL_MAY_BE_DONE = accounts("publish: \">\", subscribe: \">\"", "");
    private static final String USUAL = "max_payload: 1MB\n";

    @TempDir
    static Path folder;

    private static NatsServer server;
    private static PackagedService service;
    private static Connection connection;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        server = NatsServer.started(USUAL + ALL_MAY_BE_DONE);
        connection = Nats.connect(Options.builder()
                .server(server.url())
                .userInfo("admin", "a")
                .maxReconnects(-1)
                .build());
        service = new PackagedService(
                PackagedService.jar(),
                folder.resolve("service.log"),
                Map.of(
                        "SLUICE_NATS_SERVERS", server.url(),
                        "SLUICE_NATS_USER", "sluice",
                        "SLUICE_NATS_PASSWORD", "s",
                        "SLUICE_ACCESS_MODE", "open",
                        "SLUICE_ORDERS_ENABLED", "false",
                        "SLUICE_PRICING_ENABLED", "false"));
        service.awaitReady();
    }

    @AfterAll
    static void stop() throws Exception {
        service.close();
        connection.close();
        server.close();
    }

    /** A server may not answer immediately after a configuration reload. */
    @BeforeEach
    void emptyStreams() {
        server.reload(USUAL + ALL_MAY_BE_DONE);
        await().atMost(TIMEOUT).ignoreExceptions().until(() -> {
            for (String name : management().getStreamNames()) {
                management().deleteStream(name);
            }
            management().addStream(stream("S", "s.>").build());
            return true;
        });
        await().atMost(TIMEOUT).until(() -> publish("s.a", "x") == 201);
    }

    @Test
    void aFullStreamRejectsAndAcceptsAgainWhenThereIsRoom() throws Exception {
        management()
                .updateStream(stream("S", "s.>")
                        .maxMessages(2)
                        .discardPolicy(DiscardPolicy.New)
                        .build());
        await().atMost(TIMEOUT).until(() -> publish("s.a", "x") == 507);
        management().purgeStream("S");
        assertThat(publish("s.a", "x")).isEqualTo(201);
    }

    @Test
    void aDeletedStreamIsNotFoundAndFoundAgainWhenItIsBack() throws Exception {
        management().deleteStream("S");
        assertThat(publish("s.a", "x")).isEqualTo(404);
        management().addStream(stream("S", "s.>").build());
        await().atMost(TIMEOUT).until(() -> publish("s.a", "x") == 201);
    }

    @Test
    void aTailContinuesAfterAPurge() throws Exception {
        try (SseClient tail = tail("s.>")) {
            publish("s.a", "one");
            tail.messages(1);
            management().purgeStream("S");
            publish("s.a", "two");
            assertThat(tail.messages(1).get(0).data()).contains("two");
        }
    }

    @Test
    void aTailThatReconnectsReportsWhatWasRemovedMeanwhile() throws Exception {
        String last;
        try (SseClient tail = tail("s.>")) {
            publish("s.a", "one");
            last = tail.messages(1).get(0).field("id").findFirst().orElseThrow();
        }
        for (String text : List.of("two", "three", "four")) {
            publish("s.a", text);
        }
        long end = management().getStreamInfo("S").getStreamState().getLastSequence();
        management().purgeStream("S", PurgeOptions.builder().sequence(end).build());

        try (SseClient tail = tail("s.>&last_event_id=" + last)) {
            List<SseClient.Frame> read = tail.until(frame -> frame.type().equals("message"));
            assertThat(read.get(read.size() - 1).data()).contains("four");
            assertThat(read).filteredOn(frame -> frame.type().equals("gap")).hasSize(1);
        }
    }

    @Test
    void aTailOfADeletedStreamEndsOrContinuesWithTheNextOne() throws Exception {
        try (SseClient tail = tail("s.>")) {
            management().deleteStream("S");
            management().addStream(stream("S", "s.>").build());
            await().atMost(TIMEOUT).until(() -> publish("s.a", "after") == 201);
            List<SseClient.Frame> read = tail.until(frame -> frame.type().equals("closed")
                    || frame.type().equals("gap")
                    || frame.data().contains("after"));
            assertThat(read.get(read.size() - 1).type()).isIn("closed", "gap");
        }
    }

    @Test
    void aTailFollowsItsSubjectsToAnotherStreamOrEnds() throws Exception {
        try (SseClient tail = tail("s.>")) {
            management().updateStream(stream("S", "elsewhere.>").build());
            management().addStream(stream("T", "s.>").build());
            await().atMost(TIMEOUT).until(() -> publish("s.a", "moved") == 201);
            tail.until(frame -> frame.type().equals("closed") || frame.data().contains("moved"));
        }
    }

    @Test
    void aMessageLargerThanALoweredLimitIsRefusedAndTheConnectionStays() throws Exception {
        server.reload("max_payload: 2KB\n" + ALL_MAY_BE_DONE);
        await().atMost(TIMEOUT).until(() -> publish("s.a", "x".repeat(5_000)) == 413);
        assertThat(publish("s.a", "x")).isEqualTo(201);

        // The server sends a changed limit only to clients that connect.
        server.reload(USUAL + ALL_MAY_BE_DONE);
        server.kill();
        server.start();
        await().atMost(TIMEOUT).until(() -> publish("s.a", "x".repeat(5_000)) == 201);
    }

    @Test
    void aRevokedPermissionToPublishIsForbiddenAndComesBack() throws Exception {
        server.reload(USUAL + accounts("publish: { deny: [\"s.>\"] }, subscribe: \">\"", ""));
        await().atMost(TIMEOUT).until(() -> publish("s.a", "x") == 403);
        server.reload(USUAL + ALL_MAY_BE_DONE);
        await().atMost(TIMEOUT).until(() -> publish("s.a", "x") == 201);
    }

    @Test
    void aRevokedPermissionToSubscribeEndsTheTail() throws Exception {
        try (SseClient tail = bounded(SseClient.connected(service.port(), "?subject=core.>&source=core"))) {
            server.reload(USUAL + accounts("publish: \">\", subscribe: { deny: [\"core.>\"] }", ""));
            assertThat(tail.await("closed").data()).contains("forbidden");
        }
        server.reload(USUAL + ALL_MAY_BE_DONE);
        SseClient.connected(service.port(), "?subject=core.>&source=core").close();
    }

    @Test
    void revokedCredentialsMakeItUnreadyAndReturnedReadyAgain() throws Exception {
        server.reload(USUAL + accounts("publish: \">\", subscribe: \">\"", "other"));
        await().atMost(TIMEOUT).until(() -> !service.ready());
        assertThat(publish("s.a", "x")).isEqualTo(503);
        server.reload(USUAL + ALL_MAY_BE_DONE);
        await().atMost(TIMEOUT.multipliedBy(2)).until(service::ready);
        await().atMost(TIMEOUT).until(() -> publish("s.a", "x") == 201);
    }

    @Test
    void aDeletedConsumerIsNotFoundAndFoundAgainWhenItIsBack() throws Exception {
        consumer();
        assertThat(fetch()).isEqualTo(200);
        management().deleteConsumer("S", "c");
        assertThat(fetch()).isEqualTo(404);
        consumer();
        assertThat(fetch()).isEqualTo(200);
    }

    @Test
    void aConsumerThatIsDeletedDuringAFetchEndsIt() throws Exception {
        management().purgeStream("S");
        consumer();
        var fetching = http.sendAsync(
                post("/v1/streams/S/consumers/c/fetch", "{\"batch\":1,\"expires\":\"25s\"}"),
                HttpResponse.BodyHandlers.ofString());
        await().atMost(TIMEOUT)
                .until(() -> management().getConsumerInfo("S", "c").getNumWaiting() == 1);
        management().deleteConsumer("S", "c");
        assertThat(fetching.join().statusCode()).isEqualTo(404);
    }

    @Test
    void aFullServerRejectsAndAcceptsAgainWhenThereIsRoom() throws Exception {
        server.reload(USUAL
                + accounts("publish: \">\", subscribe: \">\"", "")
                        .replace("jetstream: enabled", "jetstream: { max_file: 100KB }"));
        await().atMost(TIMEOUT).until(() -> {
            int status = publish("s.a", "x".repeat(20_000));
            return status == 507 || status == 503;
        });
        management().purgeStream("S");
        await().atMost(TIMEOUT).until(() -> publish("s.a", "x") == 201);
    }

    private static JetStreamManagement management() throws IOException {
        return connection.jetStreamManagement();
    }

    private static StreamConfiguration.Builder stream(String name, String subjects) {
        return StreamConfiguration.builder().name(name).subjects(subjects).allowDirect(true);
    }

    private static void consumer() throws IOException, JetStreamApiException {
        management()
                .addOrUpdateConsumer(
                        "S", ConsumerConfiguration.builder().durable("c").build());
    }

    private static SseClient tail(String subject) {
        return bounded(SseClient.connected(service.port(), "?subject=" + subject + "&source=stream"));
    }

    /** Closes the tail after {@link #TIMEOUT}, because comments restart its read timeout. */
    private static SseClient bounded(SseClient tail) {
        CompletableFuture.delayedExecutor(TIMEOUT.toSeconds(), TimeUnit.SECONDS).execute(tail::close);
        return tail.within(TIMEOUT);
    }

    private int fetch() throws Exception {
        return http.send(
                        post("/v1/streams/S/consumers/c/fetch", "{\"batch\":1,\"expires\":\"1s\"}"),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static HttpRequest post(String path, String json) {
        return HttpRequest.newBuilder(service.uri(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
    }

    private int publish(String subject, String text) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(service.uri("/v1/publish/" + subject))
                                .POST(HttpRequest.BodyPublishers.ofString(text))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** @param suffix a suffix for the service's password; if not empty, the service has the wrong password */
    private static String accounts(String permissions, String suffix) {
        return """
                accounts {
                  A {
                    jetstream: enabled
                    users: [
                      { user: admin, password: a }
                      { user: sluice, password: s%s, permissions: { %s } }
                    ]
                  }
                }
                """.formatted(suffix, permissions);
    }
}
