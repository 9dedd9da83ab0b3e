package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.Http2Exchange;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Subscription;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the effect of SIGTERM on open connections. */
class StopIT {
    private static final int CLIENTS = 4;
    private static final String FETCH = "/v1/streams/STOP/consumers/worker/fetch";

    private final NatsServer nats = NatsServer.started();
    private final TestStreams streams = new TestStreams(nats);
    private PackagedService service;
    private Path log;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        log = folder.resolve("log");
        streams.create("STOP", "stop.>");
        service = new PackagedService(
                PackagedService.jar(),
                log,
                Map.of(
                        "SLUICE_NATS_SERVERS", nats.url(),
                        "SLUICE_ACCESS_MODE", "open",
                        "SLUICE_ACCESS_TOKEN_SECRET", "a secret of thirty-two bytes or more",
                        "SLUICE_SHUTDOWN_UNREADY", "3s",
                        "SLUICE_SHUTDOWN_REQUESTS", "5s"));
        service.awaitReady();
        declareConsumer();
    }

    @AfterEach
    void stop() {
        service.close();
        streams.close();
        nats.close();
    }

    @Test
    void answersOpenRequestsOnEveryConnectionBeforeItStops() {
        try (HttpExchange used = publishing();
                HttpExchange idle = publishing();
                HttpExchange waiting = new HttpExchange(service.port()).within(Timeouts.LIMIT);
                Http2Exchange multiplexed = new Http2Exchange(service.port()).within(Timeouts.LIMIT)) {
            awaitWhole(used);
            awaitWhole(idle);
            fetch(waiting, "5s");
            multiplexed
                    .request("POST", FETCH, false, "content-type", "application/json")
                    .data("{\"expires\":\"5s\"}", true)
                    .fence();
            await().atMost(Timeouts.LIMIT).until(() -> fetchesOpen() == 2);

            service.terminate();
            await().atMost(Timeouts.LIMIT).until(() -> !service.ready());

            publish(used);
            awaitWhole(used);
            assertThat(used.header("connection")).isEqualToIgnoringCase("close");
            assertEnded(used);
            assertEnded(idle);
            waiting.head();
            assertThat(waiting.status()).isEqualTo(200);
            assertThat(waiting.header("connection")).isEqualToIgnoringCase("close");
            assertThat(waiting.body()).isEqualTo("{\"messages\":[]}");
            multiplexed.head().finish();
            assertThat(multiplexed.end()).isEqualTo(Http2Exchange.End.WHOLE);
            assertThat(multiplexed.body()).isEqualTo("{\"messages\":[]}");
            await().atMost(Timeouts.LIMIT).until(() -> !service.alive());
        }
    }

    /** The head of this response is sent before the stop, so it has no {@code Connection: close}. */
    @Test
    @Tag("slow")
    void closesTheConnectionOfAResponseThatStartedBeforeTheStop() throws Exception {
        streams.store("stop.a", "before");
        try (HttpExchange streaming = new HttpExchange(service.port()).within(Timeouts.LIMIT)) {
            fetch(streaming, "5s", "Accept: application/x-ndjson\r\n");
            streaming.head();

            service.terminate();

            assertThat(streaming.body()).contains("\"data\":\"before\"");
            await().atMost(Timeouts.LIMIT).until(() -> !service.alive());
            assertThat(log).content().doesNotContain("Stopping without waiting longer");
        }
    }

    @Test
    @Tag("slow")
    void answersAWaitingFetchAtTheStopWithTheMessagesSoFar() {
        try (HttpExchange waiting = new HttpExchange(service.port()).within(Timeouts.LIMIT)) {
            fetch(waiting, "30s");
            await().atMost(Timeouts.LIMIT).until(() -> fetchesOpen() == 1);
            streams.store("stop.a", "came");

            service.terminate();

            waiting.head();
            assertThat(waiting.status()).isEqualTo(200);
            assertThat(waiting.body()).contains("\"data\":\"came\"");
            await().atMost(Timeouts.LIMIT).until(() -> !service.alive());
        }
    }

    @Test
    @Tag("slow")
    void answersARequestWithoutAReplyAtTheStop() throws Exception {
        try (Connection responder = Nats.connect(nats.url());
                HttpExchange waiting = new HttpExchange(service.port()).within(Timeouts.LIMIT)) {
            Subscription silent = responder.subscribe("mute.x");
            responder.flush(Timeouts.LIMIT);
            waiting.send("POST /v1/request/mute.x?timeout=30s HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
            assertThat(silent.nextMessage(Timeouts.LIMIT)).isNotNull();

            service.terminate();

            waiting.head();
            assertThat(waiting.status()).isEqualTo(503);
            assertThat(waiting.body()).contains("/problems/unavailable", "is not known");
            await().atMost(Timeouts.LIMIT).until(() -> !service.alive());
        }
    }

    /** GOAWAY arrives while a response is being written, and {@code Connection: close} with the last response. */
    @Test
    @Tag("slow")
    void sendsEveryClientAwayUnderLoadAndResetsNothing() throws Exception {
        ExecutorService load = Executors.newFixedThreadPool(CLIENTS);
        List<Http2Exchange> bulks = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                Http2Exchange bulk = new Http2Exchange(service.port()).within(Timeouts.LIMIT);
                bulks.add(bulk.request("POST", "/v1/publish", false, "content-type", "application/x-ndjson"));
            }
            List<Future<Integer>> publishers = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                publishers.add(load.submit(this::publishUntilSentAway));
            }
            AtomicInteger lines = new AtomicInteger();
            sendLine(bulks, lines);
            assertThat(bulks).noneMatch(Http2Exchange::sentAway);

            service.terminate();
            await().atMost(Timeouts.LIMIT).pollInterval(Duration.ofMillis(20)).until(() -> {
                sendLine(bulks, lines);
                return bulks.stream().allMatch(Http2Exchange::sentAway);
            });

            for (Http2Exchange bulk : bulks) {
                assertThat(bulk.data("", true).finish().end()).isEqualTo(Http2Exchange.End.WHOLE);
                assertThat(bulk.lines()).hasSize(lines.get()).allMatch(line -> line.contains("\"status\":201"));
            }
            for (Future<Integer> publisher : publishers) {
                assertThat(publisher.get(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS))
                        .isPositive();
            }
            await().atMost(Timeouts.LIMIT).until(() -> !service.alive());
            assertThat(log).content().doesNotContain("Stopping without waiting longer");
        } finally {
            load.shutdownNow();
            bulks.forEach(Http2Exchange::close);
        }
    }

    private static void sendLine(List<Http2Exchange> bulks, AtomicInteger lines) {
        bulks.forEach(bulk ->
                bulk.data("{\"subject\":\"stop.a\",\"data\":\"x\"}\n", false).fence());
        lines.incrementAndGet();
    }

    /** Publishes on one connection until a response announces its close, and returns the number of responses. */
    private int publishUntilSentAway() {
        try (HttpExchange exchange = new HttpExchange(service.port()).within(Timeouts.LIMIT)) {
            int answered = 0;
            do {
                publish(exchange);
                awaitWhole(exchange);
                answered++;
            } while (!"close".equalsIgnoreCase(exchange.header("connection")));
            assertEnded(exchange);
            return answered;
        }
    }

    private void declareConsumer() throws Exception {
        HttpResponse<String> made = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(service.uri("/v1/streams/STOP/consumers/worker"))
                                .header("Content-Type", "application/json")
                                .PUT(HttpRequest.BodyPublishers.ofString("{}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(made.statusCode()).as(made.body()).isIn(200, 201);
    }

    private HttpExchange publishing() {
        HttpExchange exchange = new HttpExchange(service.port()).within(Timeouts.LIMIT);
        publish(exchange);
        return exchange;
    }

    private static void publish(HttpExchange exchange) {
        exchange.send("POST /v1/publish/orders.stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
    }

    private static void awaitWhole(HttpExchange exchange) {
        assertThat(exchange.head().status()).isEqualTo(201);
        exchange.body();
    }

    private static void fetch(HttpExchange exchange, String expires) {
        fetch(exchange, expires, "");
    }

    /** @param headers header lines, each terminated by CRLF */
    private static void fetch(HttpExchange exchange, String expires, String headers) {
        String body = "{\"batch\":10,\"expires\":\"" + expires + "\"}";
        exchange.send("POST " + FETCH + " HTTP/1.1\r\nHost: localhost\r\n" + headers
                + "Content-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body);
    }

    private static void assertEnded(HttpExchange exchange) {
        assertThatThrownBy(exchange::head)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("The connection broke within ");
    }

    private int fetchesOpen() {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(service.management("/q/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofLines())
                    .body()
                    .filter(line -> line.startsWith("sluice_fetch_open"))
                    .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
