package dev.sluice.http.stream;

import static dev.sluice.http.ProblemResponse.problem;
import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.http.TestWork;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumers over REST: create, update, delete, and rejected requests. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ConsumerResourceIT {
    @NatsServerResource.Server
    NatsServer server;

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
    void setsTheAckWaitOfAConsumerThatHasABackoff() {
        work.manage(it -> it.addOrUpdateConsumer(
                work.stream,
                ConsumerConfiguration.builder()
                        .durable("made")
                        .ackPolicy(AckPolicy.Explicit)
                        .maxDeliver(5)
                        .backoff(Duration.ofSeconds(1), Duration.ofSeconds(5))
                        .build()));

        put("{\"ack_wait\":\"10s\",\"max_deliver\":5}").then().statusCode(200).body("ack_wait", equalTo("10s"));
    }

    @Test
    void createsAConsumer() {
        put("""
                {"filter_subjects":["%s.a"],"ack_wait":"10s","max_deliver":5,"max_ack_pending":20,"deliver":"new"}
                """.formatted(work.stream))
                .then()
                .statusCode(201)
                .header("Location", equalTo("/v1/streams/" + work.stream + "/consumers/made"))
                .body("stream", equalTo(work.stream))
                .body("name", equalTo("made"))
                .body("kind", equalTo("pull"))
                .body("filter_subjects", equalTo(List.of(work.stream + ".a")))
                .body("ack_wait", equalTo("10s"))
                .body("max_deliver", equalTo(5))
                .body("max_ack_pending", equalTo(20))
                .body("deliver", equalTo("new"));

        ConsumerConfiguration made = work.manage(management -> management.getConsumerInfo(work.stream, "made"))
                .getConsumerConfiguration();
        assertThat(made.getDurable()).isEqualTo("made");
        assertThat(made.getAckWait()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void createsWithDefaults() {
        put("{}")
                .then()
                .statusCode(201)
                .body("filter_subjects", equalTo(List.of()))
                .body("ack_wait", equalTo("30s"))
                .body("max_deliver", equalTo(-1))
                .body("max_ack_pending", equalTo(1000))
                .body("deliver", equalTo("all"))
                .body("ack_policy", equalTo("explicit"));
    }

    @Test
    void permitsAnyNumberOfUnsettledMessages() {
        put("{\"max_ack_pending\":-1}").then().statusCode(201).body("max_ack_pending", equalTo(-1));
        String created = put("{\"max_ack_pending\":10}").path("created");

        put("{\"max_ack_pending\":-1}")
                .then()
                .statusCode(200)
                .body("max_ack_pending", equalTo(-1))
                .body("created", equalTo(created));
        assertThat(work.manage(management -> management.getConsumerInfo(work.stream, "made"))
                        .getConsumerConfiguration()
                        .getMaxAckPending())
                .isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "new", "last", "last_per_subject", "seq:7", "time:2026-01-31T12:00:00Z"})
    void startsAtTheRequestedPosition(String deliver) {
        String filter = ",\"filter_subjects\":[\"" + work.stream + ".*\"]";
        String body = "{\"deliver\":\"" + deliver + "\"" + filter + "}";

        put(body).then().statusCode(201).body("deliver", equalTo(deliver));
        put(body).then().statusCode(200).body("deliver", equalTo(deliver));
    }

    @Test
    void keepsAConsumerThatIsAlreadyAsRequested() {
        String created = put("{}").path("created");

        put("{}").then().statusCode(200).body("created", equalTo(created));
    }

    @Test
    void changesWhatDiffers() {
        put("{}").then().statusCode(201);

        put("{\"ack_wait\":\"5s\",\"max_deliver\":3,\"filter_subjects\":[\"" + work.stream + ".a\"]}")
                .then()
                .statusCode(200)
                .body("ack_wait", equalTo("5s"))
                .body("max_deliver", equalTo(3))
                .body("filter_subjects", equalTo(List.of(work.stream + ".a")));
        put("{}").then().statusCode(200).body("ack_wait", equalTo("30s")).body("filter_subjects", equalTo(List.of()));
    }

    @Test
    void keepsSettingsThatTheApiDoesNotKnow() {
        work.declare(ConsumerConfiguration.builder()
                .durable("made")
                .description("kept")
                .maxBatch(7)
                .build());

        put("{\"max_deliver\":3}").then().statusCode(200);

        ConsumerConfiguration made = work.manage(management -> management.getConsumerInfo(work.stream, "made"))
                .getConsumerConfiguration();
        assertThat(made.getDescription()).isEqualTo("kept");
        assertThat(made.getMaxBatch()).isEqualTo(7);
        assertThat(made.getMaxDeliver()).isEqualTo(3);
    }

    @Test
    void reportsSettingsThatTheServerDoesNotChange() {
        put("{\"deliver\":\"all\"}").then().statusCode(201);

        problem(put("{\"deliver\":\"new\"}"), 409, "conflict")
                .body("nats_error_code", equalTo(10012))
                .body("detail", containsString("deliver policy"));
    }

    @Test
    void rejectsChangesOfAPushConsumer() {
        work.declare(ConsumerConfiguration.builder()
                .durable("made")
                .deliverSubject("push.here")
                .build());

        problem(put("{}"), 409, "conflict");
    }

    @Test
    void acceptsSeveralFilters() {
        assumeTrue(
                severalFilters(),
                "servers before 2.10 take one filter only, see reportsThatSeveralFiltersNeedANewerServer");

        put(several())
                .then()
                .statusCode(201)
                .body("filter_subjects", equalTo(List.of(work.stream + ".a", work.stream + ".b")));
        put(several()).then().statusCode(200);
    }

    @Test
    void reportsThatSeveralFiltersNeedANewerServer() {
        assumeFalse(severalFilters(), "servers since 2.10 take several filters, see acceptsSeveralFilters");

        problem(put(several()), 501, "not-supported");
        problem(when().get("/v1/streams/" + work.stream + "/consumers/made"), 404, "no-consumer");
    }

    @Test
    void deletesAConsumer() {
        put("{}").then().statusCode(201);

        when().delete("/v1/streams/" + work.stream + "/consumers/made").then().statusCode(204);

        problem(when().delete("/v1/streams/" + work.stream + "/consumers/made"), 404, "no-consumer");
        problem(when().delete("/v1/streams/NOWHERE/consumers/made"), 404, "no-stream");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"ack_wait":"0s"}              | ack_wait
            {"ack_wait":"-1s"}             | ack_wait
            {"ack_wait":"soon"}            | ack_wait
            {"ack_wait":30}                | ack_wait
            {"max_deliver":0}              | max_deliver
            {"max_deliver":-2}             | max_deliver
            {"max_deliver":1.5}            | max_deliver
            {"max_ack_pending":0}          | max_ack_pending
            {"deliver":"some"}             | deliver
            {"deliver":"seq:0"}            | deliver
            {"deliver":"time:yesterday"}   | deliver
            {"filter_subjects":"a"}        | filter_subjects
            {"filter_subjects":[null]}     | filter_subjects
            {"filter_subject":"a"}         | filter_subject
            {"ack_policy":"none"}          | ack_policy
            """)
    void namesTheFieldThatBreaksARule(String body, String field) {
        problem(put(body), 400, "invalid").body(containsString(field));
    }

    @Test
    void rejectsABadFilter() {
        problem(put("{\"filter_subjects\":[\"a..b\"]}"), 400, "bad-subject");
        problem(put("{\"filter_subjects\":[\"$JS.API.>\"]}"), 403, "forbidden");
    }

    @Test
    void rejectsReservedStreams() {
        for (String reserved : List.of("KV_PRICES", "ORDERS_EXHAUSTED")) {
            String path = "/v1/streams/" + reserved + "/consumers/made";
            problem(given().contentType(ContentType.JSON).body("{}").put(path), 403, "forbidden");
            problem(when().delete(path), 403, "forbidden");
        }
    }

    private Response put(String body) {
        return given().contentType(ContentType.JSON).body(body).put("/v1/streams/" + work.stream + "/consumers/made");
    }

    private String several() {
        return "{\"filter_subjects\":[\"%1$s.a\",\"%1$s.b\"]}".formatted(work.stream);
    }

    private boolean severalFilters() {
        return work.nats.getServerInfo().isSameOrNewerThanVersion("2.10.0");
    }
}
