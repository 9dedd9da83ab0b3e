package dev.sluice.http.message;

import static dev.sluice.http.ProblemResponse.problem;
import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.http.TestWork;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers of a stored publish that make the server act: rollups and schedules. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class PublishDirectivesIT {
    @NatsServerResource.Server
    NatsServer server;

    @Inject
    StoredPublisher publisher;

    private TestWork work;
    private String stream;

    @BeforeEach
    void create() {
        await().atMost(Duration.ofSeconds(60)).until(publisher::reachable);
        work = new TestWork(server);
        stream = work.stream + "A";
    }

    @AfterEach
    void delete() {
        if (work.manage(management -> management.getStreamNames().contains(stream))) {
            work.manage(management -> management.deleteStream(stream));
        }
        work.close();
    }

    @Test
    void rollsUpASubject() {
        declare("\"allow_rollup\":true");
        publish(given(), "a").then().statusCode(201);
        publish(given(), "b").then().statusCode(201);

        publish(given().header("Nats-Rollup", "sub"), "a").then().statusCode(201);

        assertThat(sequences()).containsExactly(2, 3);
    }

    @Test
    void rollsUpTheNamedStream() {
        declare("\"allow_rollup\":true");
        publish(given(), "a").then().statusCode(201);
        publish(given(), "b").then().statusCode(201);

        publish(given().header("Nats-Rollup", "all").header("Nats-Expected-Stream", stream), "a")
                .then()
                .statusCode(201);

        assertThat(sequences()).containsExactly(3);
    }

    @Test
    void rejectsARollupThatTheStreamDoesNotAllow() {
        declare("\"allow_rollup\":false");

        problem(publish(given().header("Nats-Rollup", "sub"), "a"), 501, "not-supported");
    }

    @Test
    void schedulesAMessage() {
        assumeTrue(knowsSchedules(), "schedules need nats-server 2.12");
        declare("\"allow_schedules\":true");

        publish(schedule(soon()).header("NatsH-Colour", "green"), "plan").then().statusCode(201);

        assertThat(awaitFired()).containsExactly("hello");
        when().get(messages() + "?subject=" + stream + ".fired")
                .then()
                .body("messages[0].headers.Colour[0]", equalTo("green"));
    }

    @Test
    void givesTheMessageOfAScheduleATimeToLive() {
        assumeTrue(knowsSchedules(), "schedules need nats-server 2.12");
        declare("\"allow_schedules\":true,\"allow_message_ttl\":true");

        publish(schedule(soon()).header("Nats-Schedule-TTL", "1h"), "plan")
                .then()
                .statusCode(201);

        awaitFired();
        when().get(messages() + "?subject=" + stream + ".fired")
                .then()
                .body("messages[0].headers.'Nats-TTL'[0]", equalTo("1h"));
    }

    @Test
    void sendsTheNewestMessageOfTheSourceOfASchedule() {
        assumeTrue(
                work.nats.getServerInfo().isSameOrNewerThanVersion("2.14.0"),
                "the source of a schedule needs nats-server 2.14");
        declare("\"allow_schedules\":true");
        publish(given(), "source").then().statusCode(201);
        given().body("newest").post("/v1/publish/" + stream + ".source").then().statusCode(201);

        publish(schedule(soon()).header("Nats-Schedule-Source", stream + ".source"), "plan")
                .then()
                .statusCode(201);

        assertThat(awaitFired()).containsExactly("newest");
    }

    @Test
    void rejectsAScheduleThatTheServerCannotRead() {
        assumeTrue(knowsSchedules(), "schedules need nats-server 2.12");
        declare("\"allow_schedules\":true");

        problem(publish(schedule("tomorrow"), "plan"), 400, "invalid");
    }

    @Test
    void rejectsAScheduleThatTheStreamDoesNotAllow() {
        declare("\"allow_rollup\":false");

        problem(publish(schedule("@hourly"), "plan"), 501, "not-supported");
        assertThat(sequences()).isEmpty();
    }

    @Test
    void rejectsAScheduleThatNoStreamStores() {
        Response answer = given().header("Nats-Schedule", "@hourly")
                .header("Nats-Schedule-Target", "nobody.fires.this")
                .body("x")
                .post("/v1/publish/nobody.stores.this");

        problem(answer, 404, "no-stream");
    }

    @Test
    void rejectsAScheduleOnAnOldServer() {
        assumeFalse(knowsSchedules(), "the server knows schedules");
        declare("\"allow_rollup\":true");

        problem(publish(schedule("@hourly"), "plan"), 501, "not-supported");
        assertThat(sequences()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Nats-Rollup: everything",
                "Nats-Rollup: all",
                "Nats-Schedule: @hourly",
                "Nats-Schedule-Target: a.b",
                "Nats-Schedule-TTL: 5m",
                "Nats-Schedule-Source: a.b",
                "Nats-Schedule-Next: purge",
                "Nats-Scheduler: a.b",
            })
    void rejectsAHeader(String header) {
        String name = header.substring(0, header.indexOf(':'));

        Response answer = publish(given().header(name, header.substring(header.indexOf(':') + 2)), "a");

        problem(answer, 400, "invalid");
        answer.then().body("detail", containsString(name.startsWith("Nats-Schedule-") ? "Nats-Schedule" : name));
    }

    @Test
    void rejectsReservedSubjects() {
        problem(publish(schedule("@hourly", "$JS.API.x"), "plan"), 403, "forbidden");
        problem(publish(schedule("@hourly").header("Nats-Schedule-Source", "$KV.B.a"), "plan"), 403, "forbidden");
        problem(publish(schedule("@hourly", "a.*"), "plan"), 400, "bad-subject");
    }

    @Test
    void rejectsActionsWithoutAck() {
        problem(
                given().header("Nats-Rollup", "sub").body("x").post("/v1/publish/" + stream + ".a?ack=none"),
                400,
                "invalid");
    }

    private boolean knowsSchedules() {
        return work.nats.getServerInfo().isSameOrNewerThanVersion("2.12.0");
    }

    private static String soon() {
        return "@at " + Instant.now().plusSeconds(1);
    }

    private List<String> awaitFired() {
        return await().atMost(Timeouts.LIMIT).until(this::fired, fired -> !fired.isEmpty());
    }

    private RequestSpecification schedule(String text) {
        return schedule(text, stream + ".fired");
    }

    private static RequestSpecification schedule(String text, String target) {
        return given().header("Nats-Schedule", text).header("Nats-Schedule-Target", target);
    }

    private void declare(String setting) {
        given().contentType(ContentType.JSON)
                .body("{\"subjects\":[\"" + stream + ".>\"],\"storage\":\"memory\"," + setting + "}")
                .put("/v1/streams/" + stream)
                .then()
                .statusCode(201);
    }

    private Response publish(RequestSpecification request, String suffix) {
        return request.body("hello").post("/v1/publish/" + stream + "." + suffix);
    }

    private String messages() {
        return "/v1/streams/" + stream + "/messages";
    }

    private List<Integer> sequences() {
        return when().get(messages()).then().statusCode(200).extract().path("messages.seq");
    }

    private List<String> fired() {
        return when().get(messages() + "?subject=" + stream + ".fired")
                .then()
                .statusCode(200)
                .extract()
                .path("messages.data");
    }
}
