package dev.sluice.http.stream;

import static dev.sluice.http.ProblemResponse.problem;
import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.http.TestWork;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pauses, resumes and resets consumers over REST. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ConsumerControlIT {
    private static final String ONE = "{\"batch\":1,\"no_wait\":true}";
    private static final String LATER = "{\"until\":\"2099-01-01T00:00:00Z\"}";

    @NatsServerResource.Server
    NatsServer server;

    private TestWork work;

    @BeforeEach
    void create() {
        work = new TestWork(server);
    }

    @AfterEach
    void delete() {
        work.close();
    }

    @Test
    void pausesAndResumes() {
        assumeTrue(isSince("2.11.0"), "a pause needs nats-server 2.11");
        work.publish("1");
        Instant until = Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);

        post("pause", "{\"until\":\"" + until + "\"}")
                .then()
                .statusCode(200)
                .body("paused", equalTo(true))
                .body("until", equalTo(until.toString()));
        when().get(work.path()).then().body("state.paused", equalTo(true));
        work.fetch(ONE).then().body("messages", hasSize(0));

        when().post(work.path() + "/resume")
                .then()
                .statusCode(200)
                .body("paused", equalTo(false))
                .body("until", nullValue());
        work.fetch("{\"batch\":1}").then().body("messages", hasSize(1));
    }

    @Test
    void keepsAPauseWhenTheConsumerIsUpdated() {
        assumeTrue(isSince("2.11.0"), "a pause needs nats-server 2.11");
        post("pause", LATER).then().statusCode(200);

        given().contentType(ContentType.JSON)
                .body("{\"max_deliver\":7}")
                .put(work.path())
                .then()
                .statusCode(200);

        when().get(work.path()).then().body("state.paused", equalTo(true)).body("max_deliver", equalTo(7));
    }

    @Test
    void resumesAConsumerThatIsNotPaused() {
        assumeTrue(isSince("2.11.0"), "a pause needs nats-server 2.11");

        when().post(work.path() + "/resume").then().statusCode(200).body("paused", equalTo(false));
    }

    @Test
    void resetsAConsumerToASequence() {
        assumeTrue(isSince("2.14.0"), "a reset needs nats-server 2.14");
        work.publish("1");
        work.publish("2");
        work.publish("3");
        work.ack("?confirm=true", "{\"acks\":[\"" + work.token() + "\",\"" + work.token() + "\"]}");

        post("reset", "{\"seq\":1}")
                .then()
                .statusCode(200)
                .body("name", equalTo(work.consumer))
                .body("state.delivered_seq", equalTo(0))
                .body("state.pending", equalTo(3));
        assertThat(fetched()).isEqualTo("1");
    }

    @Test
    void resetsAConsumerToTheFirstUnsettledMessage() {
        assumeTrue(isSince("2.14.0"), "a reset needs nats-server 2.14");
        work.publish("1");
        work.publish("2");
        work.ack("?confirm=true", "{\"acks\":[\"" + work.token() + "\"]}");
        assertThat(fetched()).isEqualTo("2");

        post("reset", "{}").then().statusCode(200).body("state.ack_pending", equalTo(0));

        assertThat(fetched()).isEqualTo("2");
    }

    @Test
    void rejectsASequenceThatTheConsumerExcludes() {
        assumeTrue(isSince("2.14.0"), "a reset needs nats-server 2.14");
        work.manage(management -> management.addOrUpdateConsumer(
                work.stream,
                ConsumerConfiguration.builder()
                        .durable("newest")
                        .deliverPolicy(DeliverPolicy.New)
                        .build()));

        problem(post("/v1/streams/" + work.stream + "/consumers/newest", "reset", "{\"seq\":1}"), 409, "conflict");
    }

    @Test
    void reportsThatTheServerIsTooOld() {
        assumeFalse(isSince("2.11.0"), "the server can do it");

        problem(post("pause", LATER), 501, "not-supported");
        problem(when().post(work.path() + "/resume"), 501, "not-supported");
        problem(post("reset", "{}"), 501, "not-supported");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"until\":null}",
                "{\"until\":\"tomorrow\"}",
                "{\"until\":\"2001-01-01T00:00:00Z\"}",
                "{\"until\":\"9999-01-01T00:00:00Z\"}",
                "{\"until\":\"2099-01-01T00:00:00Z\",\"x\":1}",
            })
    void rejectsABadPause(String body) {
        problem(post("pause", body), 400, "invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"seq\":0}", "{\"seq\":-1}", "{\"seq\":\"x\"}", "{\"seq\":1.5}", "[]", ""})
    void rejectsABadReset(String body) {
        problem(post("reset", body), 400, "invalid");
    }

    @Test
    void reportsAMissingStreamOrConsumer() {
        problem(post("/v1/streams/" + work.stream + "/consumers/nobody", "pause", LATER), 404, "no-consumer");
        problem(when().post("/v1/streams/" + work.stream + "/consumers/nobody/resume"), 404, "no-consumer");
        problem(post("/v1/streams/" + work.stream + "/consumers/nobody", "reset", "{}"), 404, "no-consumer");
        problem(post("/v1/streams/NOWHERE/consumers/any", "pause", LATER), 404, "no-stream");
        problem(post("/v1/streams/KV_PRICES/consumers/any", "reset", "{}"), 403, "forbidden");
    }

    private boolean isSince(String version) {
        return work.nats.getServerInfo().isSameOrNewerThanVersion(version);
    }

    private String fetched() {
        return work.fetch("{\"batch\":1}").then().statusCode(200).extract().path("messages[0].data");
    }

    private Response post(String action, String body) {
        return post(work.path(), action, body);
    }

    private static Response post(String consumer, String action, String body) {
        return given().contentType(ContentType.JSON).body(body).post(consumer + "/" + action);
    }
}
