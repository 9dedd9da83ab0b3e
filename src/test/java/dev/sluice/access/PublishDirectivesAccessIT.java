package dev.sluice.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.TokenIssuer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A stored publish that makes the server act requires the permissions for everything that the server then does. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@WithTestResource(SecuredResource.class)
class PublishDirectivesAccessIT {
    private static final String STREAM = "/v1/streams/PLANS";
    private static final Map<String, String> OWN = Map.of("publish", "plans.>");

    @SecuredResource.Issuer
    TokenIssuer issuer;

    @NatsServerResource.Server
    NatsServer server;

    @Inject
    StoredPublisher publisher;

    @BeforeEach
    void awaitNats() {
        await().atMost(Duration.ofSeconds(60)).until(publisher::reachable);
    }

    @AfterEach
    void deleteStream() {
        given().header("Authorization", bearer(Map.of("administer", "PLANS.*"))).delete(STREAM);
    }

    @Test
    void rollsUpAStreamThatTheCallerAdministers() {
        declare("\"allow_rollup\":true");

        publish(
                        Map.of("publish", "plans.>", "administer", "PLANS.*"),
                        "Nats-Rollup",
                        "all",
                        "Nats-Expected-Stream",
                        "PLANS")
                .then()
                .statusCode(201);
    }

    @Test
    void rollsUpASubjectThatTheCallerPublishesTo() {
        declare("\"allow_rollup\":true");

        publish(OWN, "Nats-Rollup", "sub").then().statusCode(201);
    }

    @Test
    void schedulesWhatTheCallerMayPublishAndSubscribeTo() throws Exception {
        assumeTrue(knowsSchedules(), "schedules need nats-server 2.12");
        declare("\"allow_schedules\":true");

        publish(
                        Map.of("publish", "plans.>", "subscribe", "plans.source"),
                        "Nats-Schedule",
                        "@hourly",
                        "Nats-Schedule-Target",
                        "plans.fired",
                        "Nats-Schedule-Source",
                        "plans.source")
                .then()
                .statusCode(201);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "administer PLANS.* | Nats-Rollup: all; Nats-Expected-Stream: PLANS",
                "administer ORDERS.* | Nats-Rollup: all; Nats-Expected-Stream: ORDERS",
                "publish orders.created | Nats-Schedule: @hourly; Nats-Schedule-Target: orders.created",
                "subscribe orders.created | Nats-Schedule: @hourly; Nats-Schedule-Target: plans.fired;"
                        + " Nats-Schedule-Source: orders.created"
            })
    void rejectsAMessageThatDoesMoreThanTheCallerMay(String missing, String headers) {
        declare("\"allow_rollup\":true");

        publish(OWN, headers.split("; ?|: "))
                .then()
                .statusCode(403)
                .body("type", equalTo("/problems/forbidden"))
                .body("detail", containsString(missing));
    }

    /** A server that finds the name of a header within another one takes the header for missing. */
    @ParameterizedTest
    @ValueSource(strings = {"Nats-Expected-Stream", "Nats-Expected-StreamNats-Expected-Stream"})
    void rollsUpNoStreamOfOthersThatAHeaderHidesFromTheServer(String hiding) throws Exception {
        declare("\"allow_rollup\":true");
        publish(OWN).then().statusCode(201);
        publish(OWN).then().statusCode(201);

        publish(
                        Map.of("publish", "plans.>", "administer", "MINE.*"),
                        "NatsH-A",
                        hiding,
                        "Nats-Rollup",
                        "all",
                        "Nats-Expected-Stream",
                        "MINE")
                .then()
                .statusCode(412);

        assertThat(stored()).isEqualTo(2);
    }

    @Test
    void rejectsABatchOfEventsOnASubjectOfOthers() {
        given().header("Authorization", bearer(OWN))
                .header("Content-Type", "application/cloudevents-batch+json")
                .body("[{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/x\",\"type\":\"t\"}]")
                .post("/v1/publish/orders.created")
                .then()
                .statusCode(403)
                .body("detail", containsString("publish orders.created"))
                .body("subject", equalTo("orders.created"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/events?subject=orders.>", "/v1/streams/ORDERS/messages?subject=orders.>"})
    void namesTheSubjectsThatTheCallerMayNotRead(String path) {
        given().header("Authorization", bearer(Map.of("subscribe", "plans.>", "consume", "ORDERS.*")))
                .get(path)
                .then()
                .statusCode(403)
                .body("detail", containsString("subscribe orders.>"))
                .body("subject", equalTo("orders.>"));
    }

    @Test
    void namesTheSubjectOfALineOfABatch() {
        given().header("Authorization", bearer(OWN))
                .header("Content-Type", "application/x-ndjson")
                .body("{\"subject\":\"orders.created\",\"data\":\"x\"}\n".getBytes(StandardCharsets.UTF_8))
                .post("/v1/publish?atomic=true")
                .then()
                .statusCode(403)
                .body("detail", containsString("Line 1: "))
                .body("subject", equalTo("orders.created"));
    }

    @Test
    void rejectsARequestForManyRepliesOnASubjectOfOthers() {
        given().header("Authorization", bearer(Map.of("request", "plans.>")))
                .body("x")
                .post("/v1/request/orders.created?replies=many")
                .then()
                .statusCode(403)
                .body("detail", containsString("request orders.created"));
    }

    private boolean knowsSchedules() throws Exception {
        try (Connection nats = Nats.connect(server.url())) {
            return nats.getServerInfo().isSameOrNewerThanVersion("2.12.0");
        }
    }

    private long stored() throws Exception {
        try (Connection nats = Nats.connect(server.url())) {
            return nats.jetStreamManagement()
                    .getStreamInfo("PLANS")
                    .getStreamState()
                    .getMsgCount();
        }
    }

    private void declare(String setting) {
        given().header("Authorization", bearer(Map.of("administer", "PLANS.*", "subscribe", "plans.>")))
                .contentType(ContentType.JSON)
                .body("{\"subjects\":[\"plans.>\"],\"storage\":\"memory\"," + setting + "}")
                .put(STREAM)
                .then()
                .statusCode(201);
    }

    private Response publish(Map<String, String> grants, String... headers) {
        RequestSpecification request = given().header("Authorization", bearer(grants));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return request.body("x").post("/v1/publish/plans.plan");
    }

    private String bearer(Map<String, String> grants) {
        Map<String, Object> claim = new HashMap<>();
        grants.forEach((verb, pattern) -> claim.put(verb, Map.of("allow", List.of(pattern))));
        return "Bearer " + issuer.sign(TokenIssuer.claims().claim("sluice", claim));
    }
}
