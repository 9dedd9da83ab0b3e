package dev.sluice.http.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.http.Answer;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.Subscription;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Edge cases of {@code POST /v1/publish/{subject}}: sizes, slow bodies, outages, encodings, and unusual bytes. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class PublishBoundaryIT {
    private static final int MEBIBYTE = 1 << 20;

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    private Connection nats;

    @BeforeEach
    void connect() throws Exception {
        nats = Nats.connect(
                Options.builder().server(server.url()).supportUTF8Subjects().build());
        await().atMost(Timeouts.LIMIT)
                .until(() -> post("ready?ack=none", "", "x").status() == 202);
    }

    @AfterEach
    void disconnect() throws Exception {
        nats.close();
    }

    @Test
    void encodesTheLocationOfAStreamWithAnUnusualName() throws Exception {
        create("50%|x", stream -> stream.subjects("unusual.>"));

        Answer answer = post("unusual.name", "", "x");

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.location()).contains("/v1/streams/50%25%7Cx/messages/");
    }

    @Test
    void addsAMessageId() throws Exception {
        create("BOUNDARY", stream -> stream.subjects("boundary.>"));

        Answer answer = post("boundary.created", "", "1");

        assertThat(stored("BOUNDARY", answer.json().path("seq").longValue()).getFirst("Nats-Msg-Id"))
                .isNotBlank();
    }

    @Test
    void publishesBinaryBodiesUnchanged() throws Exception {
        Subscription listening = nats.subscribe("core.binary");
        nats.flush(Timeouts.LIMIT);
        byte[] body = new byte[100_000];
        new Random(3).nextBytes(body);

        Answer answer = exchange("POST", "/v1/publish/core.binary?ack=none", "", body);

        assertThat(answer.status()).isEqualTo(202);
        assertThat(listening.nextMessage(Timeouts.LIMIT).getData()).isEqualTo(body);
    }

    @Test
    void publishesAnEmptyBody() throws Exception {
        Subscription listening = nats.subscribe("core.empty");
        nats.flush(Timeouts.LIMIT);

        assertThat(post("core.empty?ack=none", "", "").status()).isEqualTo(202);

        assertThat(listening.nextMessage(Timeouts.LIMIT).getData()).isEmpty();
    }

    @Test
    void publishesToSubjectsBeyondAscii() throws Exception {
        Subscription listening = nats.subscribe("größe.*");
        nats.flush(Timeouts.LIMIT);

        assertThat(post("gr%C3%B6%C3%9Fe.%F0%9F%9A%80?ack=none", "", "x").status())
                .isEqualTo(202);

        assertThat(listening.nextMessage(Timeouts.LIMIT).getSubject()).isEqualTo("größe.🚀");
    }

    @ParameterizedTest
    @ValueSource(strings = {"stored", "none"})
    void reportsAMessageTooLargeForTheServer(String ack) {
        post("boundary.large?ack=" + ack, "NatsH-X: y\r\n", "x".repeat(MEBIBYTE))
                .isProblem(413, "too-large")
                .saying(Integer.toString(MEBIBYTE));
    }

    @Test
    void rejectsAnOversizedContentLengthBeforeTheBody() {
        try (HttpExchange exchange = open()) {
            exchange.send("POST /v1/publish/a.b HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n");

            Answer.of(exchange).isProblem(413, "too-large").saying(Integer.toString(MEBIBYTE));
        }
    }

    /** Nothing is left of the body: the next request can follow, also after the time in which a rest would be read. */
    @Test
    void keepsTheConnectionOfAClientThatHasSentTheWholeRejectedBody() {
        try (HttpExchange exchange = open()) {
            exchange.send("POST /v1/publish/a.b?ack=none HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n"
                    + "x".repeat(MEBIBYTE + 1));
            Answer.of(exchange).isProblem(413, "too-large");

            await().atMost(Timeouts.LIMIT).during(Duration.ofMillis(2500)).until(() -> {
                exchange.send("POST /v1/publish/a.b?ack=none HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
                return Answer.of(exchange).status() == 202;
            });
        }
    }

    @Test
    void answersExpectContinue() {
        try (HttpExchange exchange = open()) {
            exchange.send("POST /v1/publish/a.b?ack=none HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                            + "Expect: 100-continue\r\n\r\n")
                    .head();
            assertThat(exchange.status()).isEqualTo(100);

            exchange.send("x");
            assertThat(Answer.of(exchange).status()).isEqualTo(202);
        }
    }

    @Test
    void rejectsABodyThatNeverEnds() {
        try (HttpExchange exchange = open()) {
            exchange.send("POST /v1/publish/a.b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
            String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
            for (int i = 0; i < 17; i++) {
                exchange.send(chunk);
            }

            Answer.of(exchange).isProblem(413, "too-large");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 1000\r\n\r\nx", "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"})
    void rejectsABodyThatDoesNotArriveInTime(String begun) {
        try (HttpExchange exchange = open()) {
            exchange.send("POST /v1/publish/a.b HTTP/1.1\r\nHost: x\r\n" + begun);

            Answer.of(exchange).isProblem(408, "request-timeout");
            assertThat(exchange.header("Connection")).isEqualToIgnoringCase("close");
        }
    }

    @Test
    void closesTheConnectionWhenALateBodyHasEnded() {
        try (HttpExchange exchange = open()) {
            exchange.send("POST /v1/publish/a.b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nx");
            Answer.of(exchange).isProblem(408, "request-timeout");

            assertThatThrownBy(() -> exchange.send("x").head())
                    .isInstanceOf(UncheckedIOException.class)
                    .cause()
                    .isNotInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void answersQuicklyIfNatsIsUnavailable() {
        server.kill();
        try {
            for (String ack : new String[] {"none", "stored"}) {
                await().atMost(Timeouts.LIMIT)
                        .until(() -> post("a.b?ack=" + ack, "", "x").status() == 503);
                long before = System.nanoTime();
                Answer answer = post("a.b?ack=" + ack, "", "x").isProblem(503, "unavailable");

                assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
                assertThat(Integer.parseInt(answer.retryAfter())).isPositive();
                assertThat(answer.json().path("retry_after_ms").longValue()).isPositive();
            }
        } finally {
            server.start();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.*",
                "a.%3E",
                "*",
                "a..b",
                ".a",
                "a.",
                "a%20b",
                "a%09b",
                "a%0d%0aPUB%20x%200",
                "a%00b",
                "a%7Fb",
                "a%ff",
                "a%C3%28",
                "a%ED%A0%80"
            })
    void rejectsABadSubject(String subject) {
        for (String ack : new String[] {"none", "stored"}) {
            post(subject + "?ack=" + ack, "", "x").isProblem(400, "bad-subject");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Nats-Rollup: all",
                "NatsH-Nats-Rollup: all",
                "natsh-nats-rollup: all",
                "Nats-Schedule: @every 1s",
                "Nats-Anything: x",
                "NatsH-: x",
                "NatsH-X: gr\u00f6\u00dfe",
                "Nats-Msg-Id: \u00e9"
            })
    void rejectsAHeader(String header) {
        Answer answer = post("a.b?ack=none", header + "\r\n", "x");

        answer.isProblem(400, "invalid");
    }

    @Test
    void passesNoOtherHeaderOn() throws Exception {
        Subscription listening = nats.subscribe("core.headers");
        nats.flush(Timeouts.LIMIT);

        post("core.headers?ack=none", "X-Secret: x\r\nAuthorization: Bearer x\r\nCookie: x\r\nNatsH-Kept: y\r\n", "x");

        assertThat(listening.nextMessage(Timeouts.LIMIT).getHeaders().keySet()).containsExactly("Kept");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ack=maybe", "ack=", "ack=none&x=y", "unknown", "Ack=none", "ack=none&ack=stored"})
    void rejectsAQuery(String query) {
        post("a.b?" + query, "", "x").isProblem(400, "invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/publish/a%", "/v1/publish/a%2", "/v1/publish/a%zz", "/v1/publish/a.b?ack=%zz"})
    void rejectsMalformedEncoding(String path) {
        exchange("POST", path, "", "x".getBytes(StandardCharsets.UTF_8)).isProblem(400, "invalid");
    }

    /** Input that is not HTTP gets no JSON response. */
    @Test
    void endsAConnectionThatBreaksHttp() {
        try (HttpExchange exchange = open()) {
            exchange.send(
                    "POST /v1/publish/a.b?ack=none HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");

            assertThatThrownBy(exchange::head).hasRootCauseInstanceOf(EOFException.class);
        }
        assertThat(post("a.b?ack=none", "NatsH-X: a\u0001b\r\n", "x").status()).isEqualTo(400);
    }

    private interface StreamChoice {
        StreamConfiguration.Builder of(StreamConfiguration.Builder stream);
    }

    private void create(String name, StreamChoice choice) throws IOException, JetStreamApiException {
        StreamConfiguration.Builder stream =
                StreamConfiguration.builder().name(name).storageType(StorageType.Memory);
        if (!management().getStreamNames().contains(name)) {
            management().addStream(choice.of(stream).build());
        }
    }

    private JetStreamManagement management() throws IOException {
        return nats.jetStreamManagement();
    }

    private Headers stored(String stream, long sequence) throws IOException, JetStreamApiException {
        return management().getMessage(stream, sequence).getHeaders();
    }

    private HttpExchange open() {
        return new HttpExchange(root.getPort());
    }

    private Answer post(String target, String headers, String body) {
        return exchange("POST", "/v1/publish/" + target, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    private Answer exchange(String method, String target, String headers, byte[] body) {
        try (HttpExchange exchange = open()) {
            exchange.send(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length
                            + "\r\n" + headers + "\r\n")
                    .send(body);
            return Answer.of(exchange);
        }
    }
}
