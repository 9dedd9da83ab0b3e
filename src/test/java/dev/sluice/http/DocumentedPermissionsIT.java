package dev.sluice.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import dev.sluice.nats.ConnectionEvent;
import dev.sluice.nats.NatsLinks;
import dev.sluice.support.DocumentedUserResource;
import dev.sluice.support.SseClient;
import dev.sluice.support.Timeouts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every function of the service works with the NATS user of {@code docs/DEPLOY.md}, without a permission violation. */
@QuarkusTest
@QuarkusTestResource(value = DocumentedUserResource.class, restrictToAnnotatedClass = true)
class DocumentedPermissionsIT extends StreamWork {

    @Inject
    NatsLinks links;

    @BeforeEach
    void awaitStreams() {
        await().atMost(Timeouts.LIMIT)
                .until(() -> given().get("/v1/streams/WORK").statusCode() == 200
                        && given().get("/v1/orders/none").statusCode() == 404);
    }

    @AfterEach
    void nothingWasDenied() {
        assertThat(links.events().count(ConnectionEvent.DENIED)).isZero();
    }

    @Test
    void publishesInEveryOtherWay() {
        publish("/v1/publish/work.a?ack=none", "text/plain", "x").statusCode(202);
        publish("/v1/publish?atomic=true", "application/x-ndjson", "{\"subject\":\"work.a\",\"data\":\"x\"}\n");
        publish("/v1/request/work.nobody", "text/plain", "x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?subject=work.tailed",
                "?subject=work.tailed&source=core",
                "?subject=work.tailed&queue=q",
                "?subject=work.tailed&from=all",
                "?subject=work.tailed&from=last",
                "?subject=work.tailed&from=last-per-subject",
                "?subject=work.tailed&from=since:1h",
                "?subject=work.tailed&tail=3"
            })
    void tails(String query) {
        try (SseClient client =
                SseClient.open(root.getPort(), query).within(Timeouts.LIMIT).untilConnected()) {
            publish("/v1/publish/work.tailed", "text/plain", "seen " + query).statusCode(201);

            client.until(frame -> frame.data().contains("seen " + query));
        }
    }

    @Test
    void tailsTheLogs() {
        try (SseClient client =
                SseClient.open(root.getPort(), "").within(Timeouts.LIMIT).untilConnected()) {
            publish("/v1/publish/logs.some.info?ack=none", "text/plain", "a line")
                    .statusCode(202);

            client.until(frame -> frame.data().contains("a line"));
        }
    }

    @Test
    void storesAndDeletesDeadLetters() {
        publish("/v1/publish/orders.created", "text/plain", "no order").statusCode(201);
        await().atMost(Timeouts.LIMIT).until(() -> !given().get("/v1/dead-letters")
                .jsonPath()
                .getList("dead_letters")
                .isEmpty());
        int stored = given().get("/v1/dead-letters").path("dead_letters[0].seq");

        given().post("/v1/dead-letters/" + stored + "/redrive").then().statusCode(201);
    }

    @Test
    void keepsObjects() {
        given().contentType(ContentType.JSON)
                .body("{}")
                .put("/v1/object-stores/files")
                .then()
                .statusCode(201);
        given().body("hello").put("/v1/object-stores/files/objects/a").then().statusCode(201);
        given().body("again").put("/v1/object-stores/files/objects/a").then().statusCode(200);

        given().header("Range", "bytes=1-2")
                .get("/v1/object-stores/files/objects/a")
                .then()
                .statusCode(206);
        given().get("/v1/object-stores/files/objects").then().statusCode(200);
        given().delete("/v1/object-stores/files/objects/a").then().statusCode(204);
        given().delete("/v1/object-stores/files").then().statusCode(204);
    }

    @Test
    void keepsPrices() {
        given().contentType(ContentType.JSON)
                .body("{\"price\":4999}")
                .put("/v1/prices/A-17")
                .then()
                .statusCode(204);

        given().get("/v1/prices/A-17").then().statusCode(200).body("price", equalTo(4999));
    }
}
