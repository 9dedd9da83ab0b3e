package dev.sluice.http.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Answer;
import dev.sluice.http.BulkExchangeClient;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.Subscription;
import io.nats.client.api.StreamConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code POST /v1/publish}: one message and one receipt per line, in both directions at the same time. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class BulkPublishIT {
    private static final int MANY = 50_000;

    /** As {@link NatsServerResource} sets it. */
    private static final Duration LINE_TIMEOUT = Duration.ofSeconds(2);

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    private Connection nats;
    private String stream;

    @BeforeEach
    void createStream() throws Exception {
        nats = Nats.connect(Options.builder()
                .server(server.url())
                .maxReconnects(-1)
                .reconnectWait(Duration.ofMillis(50))
                .build());
        stream = "B" + UUID.randomUUID().toString().substring(0, 8);
        nats.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name(stream)
                        .subjects(stream + ".>")
                        .maximumMessageSize(1000)
                        .build());
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
    }

    @AfterEach
    void disconnect() throws Exception {
        await().atMost(Timeouts.LIMIT).ignoreExceptions().until(() -> nats.jetStreamManagement()
                .deleteStream(stream));
        nats.close();
    }

    @Test
    void answersEveryLineInOrder() throws Exception {
        List<JsonNode> receipts = publish(message("\"data\":\"one\",\"id\":\"1\"") + message("\"data_base64\":\"AP8=\"")
                + "no json\n" + message("\"json\":{\"a\": 1.10}") + message("\"data\":\"one again\",\"id\":\"1\""));

        assertThat(receipts)
                .extracting(receipt -> receipt.path("line").intValue())
                .containsExactly(1, 2, 3, 4, 5);
        assertThat(statuses(receipts)).containsExactly(201, 201, 400, 201, 200);
        assertThat(receipts.get(0).toString())
                .isEqualTo("{\"line\":1,\"status\":201,\"stream\":\"" + stream + "\",\"seq\":1,\"duplicate\":false}");
        assertThat(receipts.get(4).path("duplicate").booleanValue()).isTrue();
        assertThat(receipts.get(4).path("seq").longValue()).isEqualTo(1);
        assertThat(stored(2)).containsExactly(0, -1);
        assertThat(stored(3)).asString(StandardCharsets.UTF_8).isEqualTo("{\"a\":1.10}");
    }

    /** A server that finds the name of a header within another one takes the header for missing. */
    @Test
    void letsNoHeaderHideAnotherOneFromTheServer() {
        String hiding = ",\"headers\":{\"A\":\"%1$s%1$s %2$s%2$s\"}"
                .formatted("Nats-Msg-Id", "Nats-Expected-Last-Subject-Sequence");

        List<JsonNode> receipts = publish(message("\"data\":\"1\"" + hiding + ",\"id\":\"Nats-Msg-Id\"")
                + message("\"data\":\"2\"" + hiding + ",\"id\":\"Nats-Msg-Id\"")
                + message("\"data\":\"3\"" + hiding + ",\"expected_last_subject_sequence\":7"));

        assertThat(statuses(receipts)).containsExactly(201, 200, 412);
    }

    @Test
    void answersWhileTheRequestContinues() {
        try (BulkExchangeClient client = client("")) {
            client.send(message("\"data\":\"one\""));
            assertThat(client.receipt().path("line").intValue()).isEqualTo(1);

            client.send(message("\"data\":\"two\""));
            assertThat(client.receipt().path("line").intValue()).isEqualTo(2);

            assertThat(client.end().receipt()).isNull();
            assertThat(client.http().header("content-type")).isEqualTo("application/x-ndjson");
            assertThat(client.http().header("cache-control")).isEqualTo("no-store, no-transform");
            assertThat(client.http().header("x-accel-buffering")).isEqualTo("no");
        }
    }

    @Test
    void countsBlankLinesAndAcceptsALastLineWithoutABreak() {
        List<JsonNode> receipts = publish("\n\r\n" + message("\"data\":\"x\"").stripTrailing());

        assertThat(receipts).singleElement().satisfies(receipt -> assertThat(
                        receipt.path("line").intValue())
                .isEqualTo(3));
    }

    @Test
    void answersAnEmptyBodyWithAnEmptyBody() {
        assertThat(publish("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{|400|invalid",
                "{\"subject\":\"SUBJECT\"}|400|invalid",
                "{\"subject\":\"SUBJECT\",\"data\":\"x\",\"data\":\"x\"}|400|invalid",
                "{\"subject\":\"SUBJECT\",\"data\":\"x\",\"json\":1}|400|invalid",
                "{\"subject\":\"SUBJECT\",\"data_base64\":\"?\"}|400|invalid",
                "{\"subject\":\"SUBJECT\",\"data\":\"x\",\"extra\":1}|400|invalid",
                "{\"subject\":\"SUBJECT\",\"data\":\"x\",\"headers\":{\"Nats-Rollup\":\"all\"}}|400|invalid",
                "{\"subject\":\"SUBJECT\",\"data\":\"x\",\"headers\":{\"sluice-redriven\":\"1\"}}|400|invalid",
                "{\"subject\":\"SUBJECT\",\"data\":\"x\",\"headers\":{\"a b\":\"c\"}}|400|invalid",
                "{\"data\":\"x\"}|400|invalid",
                "{\"subject\":\"a.*\",\"data\":\"x\"}|400|bad-subject",
                "{\"subject\":\"$JS.API.INFO\",\"data\":\"x\"}|403|forbidden",
                "{\"subject\":\"nobody.stores.this\",\"data\":\"x\"}|404|no-stream",
                "{\"subject\":\"SUBJECT\",\"data\":\"x\",\"expected_last_subject_sequence\":7}|412|wrong-sequence",
                "{\"subject\":\"SUBJECT\",\"data\":\"LARGE\"}|413|too-large"
            })
    void rejectsOnlyAnInvalidLine(String line, int status, String problem) {
        String broken = line.replace("SUBJECT", stream + ".x").replace("LARGE", "x".repeat(1001));

        List<JsonNode> receipts = publish(message("\"data\":\"1\"") + broken + "\n" + message("\"data\":\"3\""));

        assertThat(statuses(receipts)).containsExactly(201, status, 201);
        JsonNode told = receipts.get(1).path("problem");
        assertThat(told.path("type").textValue()).isEqualTo("/problems/" + problem);
        assertThat(told.path("status").intValue()).isEqualTo(status);
        assertThat(told.path("detail").textValue()).isNotBlank();
    }

    @Test
    void rejectsOnlyALineThatIsNotUtf8() {
        byte[] body =
                (message("\"data\":\"\u00ff\"") + message("\"data\":\"x\"")).getBytes(StandardCharsets.ISO_8859_1);

        assertThat(statuses(whole(body, "").receipts())).containsExactly(400, 201);
    }

    @Test
    void rejectsOnlyALineInAnotherEncoding() {
        String wide = "{\0\0\0AAAA\n";

        assertThat(statuses(publish(message("\"data\":\"1\"") + wide + message("\"data\":\"3\""))))
                .containsExactly(201, 400, 201);
    }

    @Test
    void rejectsOnlyALineThatIsTooLong() {
        try (BulkExchangeClient client = client("")) {
            for (int i = 0; i < 40; i++) {
                client.send("x".repeat(1 << 16));
            }
            client.send("\n" + message("\"data\":\"x\"")).end();

            List<JsonNode> receipts = client.receipts();
            assertThat(statuses(receipts)).containsExactly(413, 201);
            assertThat(receipts.get(0).path("problem").path("detail").textValue())
                    .contains("sluice.http.max-line-size");
        }
    }

    @Test
    void rejectsOnlyTheLineOfAMessageThatIsTooLarge() {
        String large = "\"data\":\"" + "x".repeat((1 << 20) + 1) + "\"";

        assertThat(statuses(publish(message(large) + message("\"data\":\"x\""))))
                .containsExactly(413, 201);
    }

    @Test
    void publishesLinesToCoreNatsWithoutWaiting() throws Exception {
        Subscription listening = nats.subscribe("core.bulk");
        nats.flush(Timeouts.LIMIT);

        List<JsonNode> receipts = publish(
                "{\"subject\":\"core.bulk\",\"data\":\"x\",\"headers\":{\"Colour\":\"green\"}}\nbroken\n", "?ack=none");

        assertThat(receipts.get(0)).hasToString("{\"line\":1,\"status\":202}");
        assertThat(statuses(receipts)).containsExactly(202, 400);
        Message received = listening.nextMessage(Timeouts.LIMIT);
        assertThat(received.getData()).asString(StandardCharsets.UTF_8).isEqualTo("x");
        assertThat(received.getHeaders().getFirst("Colour")).isEqualTo("green");
    }

    @ParameterizedTest
    @CsvSource({"'', 201", "?ack=none, 202"})
    void carriesManyLines(String query, int status) {
        try (BulkExchangeClient client = client(query)) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < MANY / 100; i++) {
                    client.send(message("\"data\":\"x\"").repeat(100));
                }
                client.end();
            });
            for (int line = 1; line <= MANY; line++) {
                JsonNode receipt = client.receipt();
                assertThat(receipt.path("line").intValue()).isEqualTo(line);
                assertThat(receipt.path("status").intValue()).isEqualTo(status);
            }
            assertThat(client.receipt()).isNull();
            sending.join();
        }
    }

    /** The Content-Length exceeds {@code quarkus.http.limits.max-body-size}. */
    @Test
    void hasNoLimitOnTheWholeBody() {
        String line = message("\"data\":\"" + "x".repeat(900) + "\"");
        byte[] body = line.repeat(17 * (1 << 20) / line.length()).getBytes(StandardCharsets.UTF_8);

        try (BulkExchangeClient client = whole(body, "?ack=none")) {
            assertThat(client.receipts()).hasSize(body.length / line.length());
        }
    }

    @Test
    @Tag("slow")
    void doesNotReadFromAClientThatDoesNotReadItsReceipts() throws Exception {
        String lines = "{}\n".repeat(10_000);
        try (BulkExchangeClient client = client("")) {
            CompletableFuture<Long> sent = CompletableFuture.supplyAsync(() -> sendUntilStuck(client, lines));

            await().atMost(Duration.ofSeconds(30)).until(sent::isDone);

            assertThat(sent.get()).isLessThan(40_000_000);
        }
    }

    @Test
    void endsAnUploadOfBlankLines() {
        try (BulkExchangeClient client = client("")) {
            CompletableFuture<JsonNode> receipt = CompletableFuture.supplyAsync(client::receipt);

            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(200))
                    .ignoreExceptions()
                    .until(() -> {
                        if (!receipt.isDone()) {
                            client.send("\n");
                        }
                        return receipt.isDone();
                    });

            assertThat(receipt.join().path("status").intValue()).isEqualTo(408);
        }
    }

    @Test
    @Tag("slow")
    void endsAnUploadThatIsTooSlow() {
        try (BulkExchangeClient client = client("")) {
            client.send(message("\"data\":\"x\"") + "\n{\"subject\"");

            List<JsonNode> receipts = client.receipts();

            assertThat(statuses(receipts)).containsExactly(201, 408);
            assertThat(receipts.get(1).path("line").intValue()).isEqualTo(3);
            assertThat(receipts.get(1).path("problem").path("type").textValue()).isEqualTo("/problems/request-timeout");
        }
    }

    /** The first timeout sees the line and its receipt, the second one nothing; a third one would be too late. */
    @Test
    @Tag("slow")
    void endsAnUploadThatStopsWithinTwoTimeouts() {
        try (BulkExchangeClient client = client("")) {
            long begun = System.nanoTime();
            client.send(message("\"data\":\"x\""));
            client.receipt();

            assertThat(client.receipt().path("status").intValue()).isEqualTo(408);

            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isLessThan(LINE_TIMEOUT.multipliedBy(14).dividedBy(5));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', Idempotency-Key",
        "'', Nats-Expected-Stream",
        "'', Nats-TTL",
        "'', Nats-Foo",
        "'', NatsH-Colour",
        "?atomic=true, nats-msg-id",
        "?atomic=true, Nats-Rollup",
        "?atomic=true, natsh-colour"
    })
    void rejectsAHeaderOfOneMessage(String query, String header) throws Exception {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            String line = message("\"data\":\"x\"");
            exchange.send("POST /v1/publish" + query + " HTTP/1.1\r\nHost: localhost\r\n"
                    + "Content-Type: application/x-ndjson\r\nContent-Length: " + line.length() + "\r\n" + header
                    + ": 1\r\n\r\n" + line);

            Answer.of(exchange).isProblem(400, "invalid").saying(header);
        }
        assertThat(nats.jetStreamManagement()
                        .getStreamInfo(stream)
                        .getStreamState()
                        .getMsgCount())
                .isZero();
    }

    @Test
    void publishesTheLinesReceivedFromAClientThatLeaves() throws Exception {
        for (int i = 0; i < 40; i++) {
            try (BulkExchangeClient client = client("")) {
                client.send(message("\"data\":\"x\"") + "{\"subject\"");
                client.receipt();
            }
        }

        await().atMost(Timeouts.LIMIT).until(() -> publisher.inFlight() == 0);
        assertThat(statuses(publish(message("\"data\":\"x\"")))).containsExactly(201);
        assertThat(nats.jetStreamManagement()
                        .getStreamInfo(stream)
                        .getStreamState()
                        .getMsgCount())
                .isEqualTo(41);
    }

    @Test
    void rejectsMoreBulkPublishesThanConfigured() {
        List<BulkExchangeClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 16; i++) {
                clients.add(client("").send(message("\"data\":\"x\"")));
                clients.get(i).receipt();
            }
            try (BulkExchangeClient refused = client("")) {
                Answer.of(refused.http()).isProblem(429, "overloaded");
            }
        } finally {
            clients.forEach(BulkExchangeClient::close);
        }
        await().atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(statuses(publish(message("\"data\":\"x\""))))
                .containsExactly(201));
    }

    @Test
    void rejectsEachLineWhileNatsIsUnavailableAndContinuesAfterIt() {
        try (BulkExchangeClient client = client("?ack=none")) {
            client.send(message("\"data\":\"x\""));
            assertThat(client.receipt().path("status").intValue()).isEqualTo(202);
            server.kill();
            try {
                await().atMost(Timeouts.LIMIT).until(() -> !publisher.reachable());
                client.send(message("\"data\":\"x\""));
                JsonNode away = client.receipt();
                assertThat(away.path("status").intValue()).isEqualTo(503);
                assertThat(away.path("problem").path("retry_after_ms").longValue())
                        .isPositive();
            } finally {
                server.start();
            }
            await().atMost(Timeouts.LIMIT).until(publisher::reachable);
            assertThat(client.send(message("\"data\":\"x\""))
                            .receipt()
                            .path("status")
                            .intValue())
                    .isEqualTo(202);
        }
    }

    @Test
    void storesLinesReceivedDuringAShortOutage() {
        try (BulkExchangeClient client = client("")) {
            String line = message("\"data\":\"x\"");
            client.send(line);
            assertThat(client.receipt().path("status").intValue()).isEqualTo(201);
            server.kill();
            try {
                await().atMost(Timeouts.LIMIT).until(() -> !publisher.reachable());
                client.send(line);
            } finally {
                server.start();
            }
            assertThat(client.receipt().path("status").intValue()).isEqualTo(201);
        }
    }

    @Test
    void rejectsRequestsThatAreNotABulkPublish() {
        answer("POST /v1/publish?acks=none", "application/x-ndjson")
                .isProblem(400, "invalid")
                .saying("acks");
        answer("POST /v1/publish?ack=later", "application/x-ndjson")
                .isProblem(400, "invalid")
                .saying("ack");
        answer("POST /v1/publish", "application/json").isProblem(415, "unsupported-media-type");
        assertThat(answer("GET /v1/publish", "application/x-ndjson")
                        .isProblem(405, "method-not-allowed")
                        .allow())
                .isEqualTo("OPTIONS, POST");
    }

    private Answer answer(String begin, String type) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send(begin + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type
                    + "\r\nContent-Length: 3\r\n\r\n{}\n");
            return Answer.of(exchange);
        }
    }

    private static long sendUntilStuck(BulkExchangeClient client, String lines) {
        long sent = 0;
        try {
            for (int i = 0; i < 4_000; i++) {
                client.send(lines);
                sent += lines.length();
            }
        } catch (RuntimeException cutOff) {
            return sent;
        }
        return sent;
    }

    private String message(String fields) {
        return "{\"subject\":\"" + stream + ".x\"," + fields + "}\n";
    }

    private byte[] stored(long sequence) throws Exception {
        return nats.jetStreamManagement().getMessage(stream, sequence).getData();
    }

    private static List<Integer> statuses(List<JsonNode> receipts) {
        return receipts.stream()
                .map(receipt -> receipt.path("status").intValue())
                .toList();
    }

    private List<JsonNode> publish(String lines) {
        return publish(lines, "");
    }

    private List<JsonNode> publish(String lines, String query) {
        try (BulkExchangeClient client = whole(lines.getBytes(StandardCharsets.UTF_8), query)) {
            return client.receipts();
        }
    }

    private BulkExchangeClient client(String query) {
        return new BulkExchangeClient(root.getPort(), query);
    }

    private BulkExchangeClient whole(byte[] body, String query) {
        return new BulkExchangeClient(root.getPort(), query, body);
    }
}
