package dev.sluice.http.pull;

import static dev.sluice.http.ProblemResponse.problem;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.http.Answer;
import dev.sluice.http.TestWork;
import dev.sluice.support.Http2Exchange;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.NatsSpy;
import dev.sluice.support.RawClient;
import dev.sluice.support.Timeouts;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.Mirror;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.config.HttpClientConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST …/fetch}, as one JSON document and as NDJSON. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class FetchResourceIT {
    private static final Duration PROMPTLY = Duration.ofSeconds(5);

    private static final int MANY = 40;
    private static final int LARGE = 60_000;
    /** Messages of this size that the buffers of the kernel can hold for a client, or the first window of HTTP/2. */
    private static final int BUFFERED = 10;

    private static final String JETSTREAM = "$JS.API.";
    private static final String FETCH_MANY = "{\"batch\":" + MANY + ",\"max_bytes\":4000000}";

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    private TestWork work;

    @BeforeEach
    void createStream() {
        work = new TestWork(server);
    }

    @AfterEach
    void deleteStream() {
        work.close();
    }

    @Test
    void returnsInvalidHeadersAndTheNextMessage() {
        work.publish("before");
        try (RawClient other = new RawClient(server)) {
            other.publish(work.stream + ".item", "Name: caf\u00e9\r\nBad Name: x\r\n", "accent");
            other.flush();
        }
        work.publish("after");

        work.fetch("{\"batch\":3}")
                .then()
                .statusCode(200)
                .body("messages.data", contains("before", "accent", "after"))
                .body("messages[1].headers", equalTo(Map.of("Name", List.of("caf\u00e9"), "Bad Name", List.of("x"))));
    }

    @Test
    void returnsTheAvailableMessages() {
        work.publish("{\"n\":1}".getBytes(StandardCharsets.UTF_8), new Headers().add("Colour", "green", "blue"));
        work.publish("2");

        work.fetch("{\"batch\":2}")
                .then()
                .statusCode(200)
                .contentType(ContentType.JSON)
                .body("messages", hasSize(2))
                .body("messages[0].subject", equalTo(work.stream + ".item"))
                .body("messages[0].seq", equalTo(1))
                .body("messages[0].time", matchesPattern("\\d{4}-.*T.*Z"))
                .body("messages[0].delivered", equalTo(1))
                .body("messages[0].pending", equalTo(1))
                .body("messages[0].headers.Colour", equalTo(List.of("green", "blue")))
                .body("messages[0].data", equalTo("{\"n\":1}"))
                .body("messages[0].ack_token", matchesPattern("[-_A-Za-z0-9]{64,}"))
                .body("messages[1].seq", equalTo(2))
                .body("messages[1].headers", equalTo(java.util.Map.of()));
    }

    @Test
    void requestsTheInfosOfStreamAndConsumerBeforeThePullOfAFirstFetch() {
        work.publish("1");

        assertThat(requestsOfAFetch())
                .containsExactlyInAnyOrder("STREAM.INFO." + work.stream, consumerInfo(), pull())
                .endsWith(pull());
    }

    @Test
    void requestsNothingBeforeThePullOfALaterFetch() {
        assumeTrue(
                work.nats.getServerInfo().isSameOrNewerThanVersion("2.10.0"),
                "2.9 does not answer a pull from a missing consumer");
        work.publish("1");
        work.publish("2");
        work.fetch("{\"batch\":1}");

        assertThat(requestsOfAFetch()).containsExactly(pull());
    }

    @Test
    void requestsTheStateOfTheConsumerBeforeAPullThatDoesNotWait() {
        work.publish("1");
        work.publish("2");
        work.fetch("{\"batch\":1}");

        assertThat(requestsOf("{\"batch\":1,\"no_wait\":true}")).containsExactly(consumerInfo(), pull());
    }

    private List<String> requestsOfAFetch() {
        return requestsOf("{\"batch\":1}");
    }

    /** Fetches one message. Returns the operations that JetStream was asked for at the stream. */
    private List<String> requestsOf(String fetch) {
        try (NatsSpy spy = new NatsSpy(server)) {
            work.fetch(fetch).then().body("messages", hasSize(1));
            work.nats.publish("fence", new byte[0]);

            return spy.heardUntil("fence").stream()
                    .map(heard -> heard.substring(0, heard.indexOf(' ')))
                    .filter(subject -> subject.startsWith(JETSTREAM) && subject.contains(work.stream))
                    .map(subject -> subject.substring(JETSTREAM.length()))
                    .toList();
        }
    }

    private String consumerInfo() {
        return "CONSUMER.INFO." + work.stream + "." + work.consumer;
    }

    private String pull() {
        return "CONSUMER.MSG.NEXT." + work.stream + "." + work.consumer;
    }

    @Test
    void returnsBinaryPayloadsInBase64() {
        byte[] binary = {0, -1, 13, 10, 127, -128};
        work.publish(binary, null);

        work.fetch("{\"batch\":1}")
                .then()
                .body("messages[0].data", nullValue())
                .body("messages[0].data_base64", equalTo(Base64.getEncoder().encodeToString(binary)));
    }

    @Test
    void isEmptyIfNoMessageArrives() {
        work.fetch("{\"expires\":\"200ms\"}").then().statusCode(200).body("messages", empty());
    }

    @Test
    void isEmptyAtOnceWithoutWaiting() {
        long before = System.nanoTime();

        work.fetch("{\"no_wait\":true,\"expires\":\"30s\"}")
                .then()
                .statusCode(200)
                .body("messages", empty());

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void usesDefaultsWithoutABody() {
        for (int i = 0; i < 11; i++) {
            work.publish("1");
        }

        given().contentType(ContentType.JSON)
                .post(work.path() + "/fetch")
                .then()
                .statusCode(200)
                .body("messages", hasSize(10));
    }

    @Test
    void returnsNoMoreBytesThanRequested() {
        for (int i = 0; i < 5; i++) {
            work.publish("x".repeat(1000));
        }

        work.fetch("{\"batch\":5,\"max_bytes\":2500}").then().statusCode(200).body("messages", hasSize(2));
    }

    @Test
    void fetchesTheLargestMessageThatAPublishAccepts() {
        work.publish(new byte[1 << 20], null);

        work.fetch("{\"batch\":1}").then().statusCode(200).body("messages", hasSize(1));
    }

    @Test
    void reportsThatTheNextMessageNeedsMoreBytes() {
        work.publish("x".repeat(5000));

        problem(work.fetch("{\"max_bytes\":1000}"), 413, "too-large").body("detail", containsString("max_bytes"));
    }

    @Test
    void returnsNoTokenIfTheConsumerNeedsNoAcks() {
        work.declare(ConsumerConfiguration.builder()
                .durable("unacked")
                .ackPolicy(AckPolicy.None)
                .build());
        work.publish("1");

        given().contentType(ContentType.JSON)
                .body("{\"batch\":1}")
                .post("/v1/streams/" + work.stream + "/consumers/unacked/fetch")
                .then()
                .body("messages[0].data", equalTo("1"))
                .body("messages[0].ack_token", nullValue());
    }

    @Test
    void streamsMessagesAsTheyCome() {
        try (HttpExchange exchange = begin("{\"batch\":2,\"expires\":\"20s\"}", "application/x-ndjson")) {
            await().atMost(Timeouts.LIMIT).until(() -> work.info().getNumWaiting() == 1);

            work.publish("first");
            exchange.head();
            assertThat(exchange.status()).isEqualTo(200);
            assertThat(exchange.header("content-type")).startsWith("application/x-ndjson");
            assertThat(exchange.bodyLine()).contains("\"data\":\"first\"", "\"ack_token\":");
            work.publish("second");
            assertThat(exchange.bodyLine()).contains("\"data\":\"second\"");
            assertThat(exchange.body()).isEmpty();
        }
    }

    @Test
    void streamsALineForEachMessageOfABurst() {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            work.publish("m" + i);
            expected.add("\"data\":\"m" + i + "\"");
        }
        try (HttpExchange exchange = begin("{\"batch\":200}", "application/x-ndjson")) {
            String[] lines = exchange.head().body().split("\n", -1);

            assertThat(lines).hasSize(201);
            assertThat(lines[200]).isEmpty();
            for (int i = 0; i < 200; i++) {
                assertThat(lines[i]).startsWith("{").endsWith("}").contains(expected.get(i));
            }
        }
    }

    @Test
    void answersAProblemIfAStreamedFetchCannotBegin() {
        given().contentType(ContentType.JSON)
                .accept("application/x-ndjson")
                .body("{}")
                .post("/v1/streams/" + work.stream + "/consumers/nobody/fetch")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/no-consumer"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/x-ndjson"})
    void endsTheFetchOfAClientThatDisconnects(String accept) {
        try (HttpExchange exchange = begin("{\"expires\":\"30s\"}", accept)) {
            await().atMost(Timeouts.LIMIT).until(() -> work.info().getNumWaiting() == 1);
        }
        await().atMost(Timeouts.LIMIT).until(() -> work.info().getNumWaiting() == 0);

        work.publish("for the next one");
        work.fetch("{\"batch\":1,\"expires\":\"10s\"}")
                .then()
                .body("messages[0].data", equalTo("for the next one"))
                .body("messages[0].delivered", equalTo(1));
    }

    /** A server that still knows the ended pull puts the first message behind the others. */
    @Test
    void returnsUnsentMessagesOfAClientThatDisconnects() {
        try (HttpExchange exchange = begin("{\"batch\":3,\"expires\":\"30s\"}", "application/json")) {
            await().atMost(Timeouts.LIMIT).until(() -> work.info().getNumWaiting() == 1);
            work.publish("1");
            work.publish("2");
            await().atMost(Timeouts.LIMIT).until(() -> work.info().getNumAckPending() == 2);
        }

        work.fetch("{\"batch\":2,\"expires\":\"10s\"}")
                .then()
                .body("messages.data", containsInAnyOrder("1", "2"))
                .body("messages.delivered", equalTo(List.of(2, 2)));
    }

    @Test
    void returnsTheLastMessageOfAStreamingClientThatDisconnectsOnce() {
        try (HttpExchange exchange = begin("{\"batch\":2,\"expires\":\"30s\"}", "application/x-ndjson")) {
            work.publish("1");
            assertThat(exchange.head().bodyLine()).contains("\"data\":\"1\"");
        }

        work.fetch("{\"batch\":1,\"expires\":\"10s\"}").then().body("messages[0].delivered", equalTo(2));
    }

    @ParameterizedTest
    @CsvSource({"application/json,0", "application/x-ndjson," + BUFFERED})
    void returnsWhatAnHttp1ClientThatLeavesWhileItReadsDidNotTake(String accept, int mostTaken) throws IOException {
        publishMany();
        try (HttpExchange exchange = begin(new HttpExchange(root.getPort(), 4_096), FETCH_MANY, accept)) {
            exchange.head().read();
        }

        assertReturned(MANY - mostTaken);
    }

    @ParameterizedTest
    @CsvSource({"application/json,0", "application/x-ndjson," + BUFFERED})
    void returnsWhatAnHttp2ClientThatResetsItsStreamDidNotTake(String accept, int mostTaken) {
        publishMany();
        try (Http2Exchange exchange = begin(new Http2Exchange(root.getPort(), 65_535, false), accept)) {
            exchange.read(1).reset(Http2Exchange.CANCEL);

            assertReturned(MANY - mostTaken);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/x-ndjson"})
    void returnsNothingOfAnAnswerThatTheClientHasTaken(String accept) throws IOException {
        publishMany();
        try (Http2Exchange exchange = begin(new Http2Exchange(root.getPort()), accept)) {
            assertThat(exchange.finish().end()).isEqualTo(Http2Exchange.End.WHOLE);
        }
        publishMany();
        try (HttpExchange exchange = begin(FETCH_MANY, accept)) {
            exchange.head().body();
        }

        work.fetch("{\"no_wait\":true}").then().statusCode(200).body("messages", empty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"image/png", "application/json;q=0", "application/x-ndjson;q=0, */*;q=0"})
    void holdsNoMessagesForAClientThatReadsNoResponse(String accept) {
        work.publish("1");

        try (HttpExchange exchange = begin("{\"batch\":1}", accept)) {
            Answer.of(exchange).isProblem(406, "not-acceptable");
        }

        assertThat(work.info().getDelivered().getConsumerSequence()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"batch":0}          | batch
            {"batch":1001}       | batch
            {"max_bytes":0}      | max_bytes
            {"max_bytes":4194305}| max_bytes
            {"expires":"0s"}     | expires
            {"expires":"31s"}    | expires
            {"batch":1.5}        | batch
            {"batch":"1"}        | batch
            {"expires":5}        | expires
            {"expires":"soon"}   | expires
            {"expires":"-5s"}    | expires
            {"no_wait":1}        | no_wait
            {"wait":true}        | wait
            """)
    void namesTheFieldThatBreaksARule(String body, String field) {
        problem(work.fetch(body), 400, "invalid").body(containsString(field));
    }

    @ParameterizedTest
    @CsvSource({"[]", "{", "{} {}", "null x"})
    void rejectsABodyThatIsNotAJsonObject(String body) {
        problem(work.fetch(body), 400, "invalid");
    }

    @Test
    void rejectsABodyThatIsTooLarge() {
        problem(work.fetch(" ".repeat(257 << 10)), 413, "too-large");
    }

    @Test
    void reportsAMissingStreamOrConsumer() {
        String fetch = "/consumers/" + work.consumer + "/fetch";
        problem(post("/v1/streams/" + work.stream + "/consumers/nobody/fetch"), 404, "no-consumer");
        problem(post("/v1/streams/NOWHERE" + fetch), 404, "no-stream");
        problem(post("/v1/streams/a.b" + fetch), 400, "invalid");
    }

    @Test
    void rejectsReservedStreams() {
        work.create("KV_fetched", "$KV.fetched.>");

        problem(post("/v1/streams/KV_fetched/consumers/any/fetch"), 403, "forbidden");
        problem(post("/v1/streams/ORDERS_EXHAUSTED/consumers/order-undertaker/fetch"), 403, "forbidden");

        work.manage(management -> management.deleteStream("KV_fetched"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/x-ndjson"})
    void leavesOutAMessageWithAReservedSubject(String accept) {
        String mirror = "M" + work.stream;
        String origin = "O" + work.stream;
        work.create(origin, "$" + work.stream + ".jobs", "a." + work.stream);
        work.manage(management -> management.addStream(StreamConfiguration.builder()
                .name(mirror)
                .mirror(Mirror.builder().sourceName(origin).build())
                .storageType(StorageType.Memory)
                .build()));
        work.manage(management -> management.addOrUpdateConsumer(
                mirror, ConsumerConfiguration.builder().durable("worker").build()));
        work.manage(management -> work.nats.jetStream().publish("$" + work.stream + ".jobs", new byte[0]));
        work.manage(management -> work.nats.jetStream().publish("a." + work.stream, new byte[0]));
        await().atMost(Timeouts.LIMIT)
                .until(() -> work.manage(management -> management.getConsumerInfo(mirror, "worker"))
                                .getNumPending()
                        == 2);

        String fetched = given().contentType(ContentType.JSON)
                .accept(accept)
                .body("{\"batch\":2,\"expires\":\"20s\"}")
                .config(RestAssuredConfig.config()
                        .httpClient(HttpClientConfig.httpClientConfig()
                                .setParam("http.socket.timeout", (int) PROMPTLY.toMillis())))
                .post("/v1/streams/" + mirror + "/consumers/worker/fetch")
                .then()
                .statusCode(200)
                .extract()
                .asString();

        assertThat(fetched)
                .contains("\"subject\":\"a." + work.stream + "\"", "\"delivered\":1")
                .doesNotContain("$" + work.stream);
        await().atMost(Timeouts.LIMIT)
                .until(() -> work.manage(management -> management.getConsumerInfo(mirror, "worker"))
                                .getNumAckPending()
                        == 1);
        work.manage(management -> management.deleteStream(mirror));
        work.manage(management -> management.deleteStream(origin));
    }

    @Test
    void rejectsAPushConsumer() {
        work.declare(ConsumerConfiguration.builder()
                .durable("pushed")
                .deliverSubject("push.here")
                .build());

        problem(post("/v1/streams/" + work.stream + "/consumers/pushed/fetch"), 409, "conflict");
    }

    /** Publishes large messages for a consumer that waits for acks longer than the test does for the messages. */
    private void publishMany() {
        work.declare(ConsumerConfiguration.builder()
                .durable(work.consumer)
                .ackWait(Timeouts.LIMIT.multipliedBy(10))
                .build());
        for (int i = 0; i < MANY; i++) {
            work.publish("x".repeat(LARGE));
        }
    }

    private void assertReturned(int least) {
        Set<Integer> returned = new HashSet<>();
        await().atMost(Timeouts.LIMIT).untilAsserted(() -> {
            returned.addAll(work.fetch("{\"no_wait\":true,\"batch\":" + MANY + ",\"max_bytes\":4000000}")
                    .jsonPath()
                    .getList("messages.seq", Integer.class));
            assertThat(returned).hasSizeGreaterThanOrEqualTo(least);
        });
    }

    private Http2Exchange begin(Http2Exchange exchange, String accept) {
        return exchange.request(
                        "POST", work.path() + "/fetch", false, "content-type", "application/json", "accept", accept)
                .data(FETCH_MANY, true);
    }

    private HttpExchange begin(String body, String accept) {
        return begin(new HttpExchange(root.getPort()), body, accept);
    }

    private HttpExchange begin(HttpExchange exchange, String body, String accept) {
        return exchange.send(
                "POST " + work.path() + "/fetch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Accept: " + accept + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private static Response post(String path) {
        return given().contentType(ContentType.JSON).body("{}").post(path);
    }
}
