package dev.sluice.http.publish;

import static dev.sluice.http.ProblemResponse.problem;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Subscription;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every row of the contract's table for {@code POST /v1/publish/{subject}}, against a real stream. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class PublishRouteIT {
    private static final int MAX_STREAM_MESSAGE = 1000;

    @NatsServerResource.Server
    NatsServer server;

    private Connection nats;
    private String stream;
    private String subject;

    @BeforeEach
    void createStream() throws Exception {
        nats = Nats.connect(server.url());
        stream = "T" + UUID.randomUUID().toString().substring(0, 8);
        subject = stream + ".stored";
        nats.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name(stream)
                        .subjects(stream + ".>")
                        .maximumMessageSize(MAX_STREAM_MESSAGE)
                        .discardPolicy(DiscardPolicy.New)
                        .maxMessages(3)
                        .build());
    }

    @AfterEach
    void disconnect() throws Exception {
        nats.jetStreamManagement().deleteStream(stream);
        nats.close();
    }

    @Test
    void answers201WithTheLocationOfAStoredMessage() {
        publish("hello")
                .statusCode(201)
                .header("Location", equalTo("/v1/streams/" + stream + "/messages/1"))
                .body("stream", equalTo(stream), "seq", equalTo(1), "duplicate", equalTo(false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Nats-Msg-Id", "Idempotency-Key"})
    void answers200WithTheFirstLocationOfADuplicate(String header) {
        publish(request().header(header, "A-1").body("first")).statusCode(201);

        publish(request().header(header, "A-1").body("second"))
                .statusCode(200)
                .body("seq", equalTo(1), "duplicate", equalTo(true));
    }

    @Test
    void answers202AndPublishesToCoreNatsUnchanged() throws Exception {
        Subscription subscription = nats.subscribe("core.binary");
        nats.flush(Timeouts.LIMIT);
        byte[] anything = {0, -1, 13, 10, 127, -128};

        request()
                .contentType("application/octet-stream")
                .header("NatsH-Colour", "green")
                .body(anything)
                .post("/v1/publish/core.binary?ack=none")
                .then()
                .statusCode(202)
                .body(equalTo(""));

        Message received = subscription.nextMessage(Timeouts.LIMIT);
        assertThat(received.getData()).isEqualTo(anything);
        assertThat(received.getHeaders().getFirst("Colour")).isEqualTo("green");
        assertThat(received.getHeaders().getFirst("Content-Type")).startsWith("application/octet-stream");
    }

    @Test
    void reportsThatNoStreamStoresASubjectAndWhatToDo() {
        problem(request().body("x").post("/v1/publish/nobody.stores.this"), 404, "no-stream")
                .body("detail", containsString("ack=none"))
                .body("subject", equalTo("nobody.stores.this"));
    }

    @ParameterizedTest
    @CsvSource({
        "Nats-Expected-Last-Sequence, 7",
        "Nats-Expected-Last-Subject-Sequence, 7",
        "Nats-Expected-Last-Msg-Id, other",
        "Nats-Expected-Stream, OTHER"
    })
    void answers412WhenAnExpectationFails(String header, String value) {
        publish("first").statusCode(201);

        problem(request().header(header, value).body("x").post(path()), 412, "wrong-sequence");
    }

    /** The last message of the stream can be on a subject that the caller may not read. */
    @Test
    void doesNotTellTheIdOfTheLastMessage() {
        publish(request().header("Nats-Msg-Id", "patient-4711").body("first")).statusCode(201);

        problem(request().header("Nats-Expected-Last-Msg-Id", "x").body("x").post(path()), 412, "wrong-sequence")
                .body("detail", not(containsString("patient-4711")));
    }

    @Test
    void answers413WithTheLimitOfTheStream() {
        problem(request().body("x".repeat(MAX_STREAM_MESSAGE + 1)).post(path()), 413, "too-large");
    }

    @Test
    void answers413WithTheLimitOfTheService() {
        problem(request().body(new byte[1024 * 1024 + 1]).post(path()), 413, "too-large")
                .body("detail", containsString("1048576"));
    }

    @Test
    void answers507IfTheStreamIsFull() {
        for (int i = 0; i < 3; i++) {
            publish("message " + i).statusCode(201);
        }

        problem(request().body("one too many").post(path()), 507, "stream-full");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a.*", "a.%3E", "a..b", ".a", "a.", "a%20b", "a%00b", "a%0d%0ab", "a%ff", "a*b", "a%E2%80%A8b"})
    void rejectsABadSubjectAndNamesTheRule(String bad) {
        problem(request().urlEncodingEnabled(false).body("x").post("/v1/publish/" + bad), 400, "bad-subject")
                .body("detail", not(equalTo("")));
    }

    @Test
    void rejectsAnOverlongSubject() {
        problem(request().body("x").post("/v1/publish/" + "s".repeat(2000)), 400, "bad-subject")
                .body("detail", containsString("1024"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"$JS.API.STREAM.DELETE.ORDERS", "$SYS.x", "$KV.b.k", "_INBOX.x", "%24JS.x"})
    void rejectsReservedSubjects(String reserved) {
        problem(request().urlEncodingEnabled(false).body("x").post("/v1/publish/" + reserved), 403, "forbidden");
    }

    @ParameterizedTest
    @CsvSource({
        "Nats-Rollup, all",
        "Nats-Schedule, @at 2030",
        "nats-trace-dest, spy",
        "NatsH-Nats-Rollup, all",
        "NatsH-Sluice-Redriven, 1",
        "natsh-sluice-foreign-headers, eA==",
        "NatsH-, x",
        "NatsH-Name, g\u00fcn"
    })
    void rejectsReservedHeaders(String header, String value) {
        problem(request().header(header, value).body("x").post(path()), 400, "invalid")
                .body("detail", containsString(header));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Nats-Msg-Id",
                "Nats-Expected-Stream",
                "Nats-Expected-Last-Msg-Id",
                "Nats-Expected-Last-Sequence",
                "Nats-TTL",
                "Nats-Rollup",
                "Nats-Schedule"
            })
    void rejectsAnEmptyHeaderOfNats(String header) {
        problem(request().header(header, "").body("x").post(path()), 400, "invalid");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json;q=0.9",
                "application/*",
                "application/json;charset=UTF-8",
                "Application/Json",
                "text/html, */*;q=0.1",
                "text/html;q=0.9, application/json;q=0.1"
            })
    void takesEveryAcceptHeaderThatAdmitsJson(String accept) {
        request().accept(accept).body("x").post(path()).then().statusCode(201);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "text/*", "application/json;q=0", "*/*, application/json;q=0"})
    void rejectsAnAcceptHeaderThatDoesNot(String accept) {
        problem(request().accept(accept).body("x").post(path()), 406, "not-acceptable");
    }

    /** In open mode, which these tests use, a page of any site could otherwise publish by its visitor's browser. */
    @ParameterizedTest
    @CsvSource({"Origin, https://evil.example", "Sec-Fetch-Site, cross-site"})
    void rejectsAPageOfAnotherOrigin(String header, String value) {
        problem(request().header(header, value).body("x").post(path()), 403, "forbidden");
    }

    @Test
    void rejectsContradictingMessageIds() {
        problem(
                request()
                        .header("Nats-Msg-Id", "a")
                        .header("Idempotency-Key", "b")
                        .body("x")
                        .post(path()),
                400,
                "invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ack=later", "acks=none", "ack=stored,none"})
    void namesTheInvalidParameter(String query) {
        problem(request().body("x").post(path() + "?" + query), 400, "invalid").body("detail", containsString("ack"));
    }

    @Test
    void answersProblemsForUnknownPathsAndMethods() {
        problem(given().get("/v1/publish/a.b"), 405, "method-not-allowed");
        problem(given().get("/v1/nothing"), 404, "not-found");
        problem(given().post("/v1/events"), 405, "method-not-allowed");
    }

    private ValidatableResponse publish(String body) {
        return publish(request().body(body));
    }

    private ValidatableResponse publish(RequestSpecification request) {
        return request.post(path()).then();
    }

    private String path() {
        return "/v1/publish/" + subject;
    }

    private static RequestSpecification request() {
        return given().contentType("text/plain");
    }
}
