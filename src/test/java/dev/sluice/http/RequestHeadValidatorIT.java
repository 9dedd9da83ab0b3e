package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.Http2Exchange;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The service does exactly what the head of a request says, or rejects the request. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class RequestHeadValidatorIT {

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    @Inject
    MeterRegistry meters;

    private TestWork work;

    @BeforeEach
    void begin() {
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
        work = new TestWork(server);
    }

    @AfterEach
    void end() {
        work.close();
    }

    @Test
    void rejectsAQueryThatCannotBeDecoded() {
        Contract contract = Contract.ofSources();
        for (String operation : contract.operations().keySet()) {
            Answer answer = ask(contract.example(operation) + "?x=%zz", "Content-Length: 0");

            answer.isProblem(400, "invalid");
            assertThat(answer.body()).as(operation).contains("query");
        }
    }

    @Test
    void saysHowToWriteAPercentSignInAPath() {
        ask("GET /v1/streams/%zz", "Content-Length: 0")
                .isProblem(400, "invalid")
                .saying("%25");
    }

    @Test
    void protectsTheAnswerToAPathThatCannotBeDecoded() {
        try (HttpExchange exchange = sent("GET /v1/streams/%zz", "Content-Length: 0", "")) {
            assertThat(exchange.head().header("X-Content-Type-Options")).isEqualTo("nosniff");
        }
    }

    @Test
    void saysThatARequestNeedsAHost() {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("GET /v1/streams HTTP/1.1\r\n\r\n");

            Answer.of(exchange).isProblem(400, "invalid").saying("Host");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/?x=%zz", "/q/openapi?format=%zz", "/q/health/live?x=%"})
    void rejectsSuchAQueryOutsideOfTheContract(String path) {
        ask("GET " + path, "Content-Length: 0").isProblem(400, "invalid");
    }

    @Test
    void rejectsAmbiguousPaths() {
        Contract contract = Contract.ofSources();
        List<String> taken = new ArrayList<>();
        for (String operation : contract.operations().keySet()) {
            String method = operation.substring(0, operation.indexOf(' '));
            String path = contract.example(operation).substring(method.length() + 1);
            for (String other : List.of(
                    path + ";v=1",
                    path + ";",
                    path + "/",
                    path.replaceFirst("/([^/]*)$", ";x/$1"),
                    path.replaceFirst("/([^/]*)$", "//$1"))) {
                Answer answer = ask(method + " " + other, "Content-Length: 0");
                if (answer.status() != 400 || !answer.body().contains("path")) {
                    taken.add(method + " " + other + ": " + answer.status());
                }
            }
        }
        assertThat(taken).isEmpty();
    }

    @Test
    void deletesNoConsumerOfAnotherName() {
        ask("DELETE " + work.path() + ";2", "Content-Length: 0")
                .isProblem(400, "invalid")
                .saying("%3B");

        assertThat(work.info().getName()).isEqualTo("worker");
    }

    /** The key {@code a/./b} would be {@code a/b}. */
    @ParameterizedTest
    @ValueSource(strings = {"a/./b", "a/../b", "a/%2e/b", "a/%2E.", "a/..", "./a"})
    void rejectsSegmentsOfDots(String key) {
        ask("PUT /v1/buckets/menu/keys/" + key, "Content-Length: 0")
                .isProblem(400, "invalid")
                .saying("%2F");
    }

    @ParameterizedTest
    @CsvSource({"a%3Bb, a;b", "a%2F, a/", "a%2F%2Fb, a//b"})
    void keepsPercentEncodedCharacters(String spelled, String token) throws Exception {
        var heard = work.nats.subscribe(work.stream + "-core.>");
        work.nats.flush(Timeouts.LIMIT);

        assertThat(ask("POST /v1/publish/" + work.stream + "-core." + spelled + "?ack=none", "Content-Length: 0")
                        .status())
                .isEqualTo(202);

        assertThat(heard.nextMessage(Timeouts.LIMIT).getSubject()).isEqualTo(work.stream + "-core." + token);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1/publish/a.b",
                "POST /v1/publish/a.b?ack=none",
                "POST /v1/publish",
                "POST /v1/publish?atomic=true",
                "POST /v1/request/a.b",
                "POST /v1/orders",
                "PUT /v1/prices/tea",
                "PUT /v1/streams/ORDERS/consumers/c",
                "POST /v1/streams/ORDERS/consumers/c/fetch",
                "POST /v1/streams/ORDERS/consumers/c/ack",
                "POST /v1/tickets",
                "DELETE /v1/streams/ORDERS/consumers/c"
            })
    void rejectsAnEncodedBody(String request) {
        try (HttpExchange exchange = sent(request, "Content-Encoding: gzip\r\nContent-Length: 1", "x")) {
            Answer.of(exchange).isProblem(415, "unsupported-media-type").saying("Content-Encoding");
            assertThat(exchange.header("Accept-Encoding")).isEqualTo("identity");
        }
    }

    @Test
    void acceptsTheIdentityEncoding() {
        assertThat(ask("POST /v1/publish/a.b?ack=none", "Content-Encoding: Identity\r\nContent-Length: 0")
                        .status())
                .isEqualTo(202);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip, chunked", "identity, chunked", "gzip\r\nTransfer-Encoding: chunked"})
    void rejectsATransferCodingThatItWouldNotDecode(String codings) {
        for (String request : List.of("POST /v1/publish/a.b?ack=none", "PUT /v1/buckets/menu", "GET /v1/streams")) {
            try (HttpExchange exchange = sent(request, "Transfer-Encoding: " + codings, "1\r\nx\r\n0\r\n\r\n")) {
                Answer.of(exchange)
                        .isProblem(501, "unsupported-transfer-coding")
                        .saying("chunked");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"chunked", "CHUNKED"})
    void acceptsChunks(String coding) {
        try (HttpExchange exchange =
                sent("POST /v1/publish/a.b?ack=none", "Transfer-Encoding: " + coding, "1\r\nx\r\n0\r\n\r\n")) {
            assertThat(exchange.head().status()).isEqualTo(202);
        }
    }

    /** {@code quarkus.http.limits.max-body-size} is 16 MiB. */
    @ParameterizedTest
    @ValueSource(strings = {"POST /v1/tickets", "POST /v1/orders", "POST /v1/publish/a.b", "DELETE /v1/dead-letters/1"})
    void describesABodyBeyondTheServersOwnLimit(String request) {
        ask(request, "Content-Type: application/json\r\nContent-Length: 20000000")
                .isProblem(413, "too-large");
    }

    @Test
    void answersHeadWithoutABodyAndOpensNoTail() {
        await().atMost(Timeouts.LIMIT).until(() -> openTails() == 0);
        for (String path : List.of(
                "/v1/events?subject=a.b",
                "/v1/streams",
                "/v1/streams/" + work.stream,
                work.path(),
                "/problems/invalid",
                "/")) {
            try (HttpExchange exchange = sent("HEAD " + path, "Connection: close", "")) {
                assertThat(exchange.head().status()).as(path).isEqualTo(200);
                assertThat(path.equals("/") || exchange.header("Content-Type") != null)
                        .as(path)
                        .isTrue();
            }
            try (Http2Exchange exchange = new Http2Exchange(root.getPort())) {
                exchange.request("HEAD", path, true).finish();
                assertThat(exchange.status()).as(path).isEqualTo(200);
                assertThat(exchange.body()).as(path).isEmpty();
            }
        }
        assertThat(openTails()).isZero();
        assertThat(ask("HEAD /v1/events?subject=a..b", "X: y").status()).isEqualTo(400);
    }

    /** Clients take the body of a {@code HEAD} for a protocol error. */
    @ParameterizedTest
    @CsvSource({
        "/console/main.js, 200",
        "/v1/events?subject=a..b, 400",
        "/v1/buckets/NONE/keys/none, 404",
        "/v1/buckets/NONE/events, 404",
        "/v1/object-stores/NONE/objects/none, 404",
        "/v1/streams/NONE, 404",
        "/v1/streams?limit=x, 400",
        "/v1/none, 404"
    })
    void answersHeadOverHttp2WithoutABody(String path, int status) {
        try (Http2Exchange exchange = new Http2Exchange(root.getPort())) {
            exchange.request("HEAD", path, true, "Accept-Encoding", "gzip").finish();

            assertThat(exchange.status()).isEqualTo(status);
            assertThat(exchange.end()).isEqualTo(Http2Exchange.End.WHOLE);
            assertThat(exchange.body()).isEmpty();
        }
    }

    @Test
    void anHttp10TailEndsWithItsConnection() {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("GET /v1/events?subject=a.b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    .head();

            assertThat(exchange.header("Connection")).isEqualToIgnoringCase("close");
            assertThat(exchange.header("Transfer-Encoding")).isNull();
        }
    }

    private double openTails() {
        return meters.get("sluice.tails.open").gauge().value();
    }

    private Answer ask(String line, String headers) {
        try (HttpExchange exchange = sent(line, headers, "")) {
            if (line.startsWith("HEAD")) {
                exchange.head();
                return new Answer(exchange.status(), "", "", "", "", "");
            }
            return Answer.of(exchange);
        }
    }

    private HttpExchange sent(String line, String headers, String body) {
        return new HttpExchange(root.getPort())
                .within(Timeouts.LIMIT)
                .send(line + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n\r\n" + body);
    }
}
