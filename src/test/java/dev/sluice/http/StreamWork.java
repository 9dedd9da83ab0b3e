package dev.sluice.http;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;

import dev.sluice.support.Timeouts;
import io.quarkus.test.common.http.TestHTTPResource;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Stream functions of the service, for any access to JetStream. A stream {@code WORK} stores {@code work.>}. */
abstract class StreamWork {
    private static final String CONSUMERS = "/v1/streams/WORK/consumers/";

    @TestHTTPResource("/")
    URI root;

    @Test
    void stores() {
        publish("/v1/publish/work.a", "text/plain", "x").statusCode(201).body("stream", equalTo("WORK"));
        publish("/v1/publish", "application/x-ndjson", "{\"subject\":\"work.a\",\"data\":\"x\"}\n")
                .statusCode(200)
                .body(startsWith("{\"line\":1,\"status\":201"));
    }

    @Test
    void fetchesAndAcks() {
        given().contentType(ContentType.JSON)
                .body("{\"filter_subjects\":[\"work.fetched\"]}")
                .put(CONSUMERS + "worker")
                .then()
                .statusCode(201);
        publish("/v1/publish/work.fetched", "text/plain", "x").statusCode(201);

        String token = fetch("WORK", "worker", "{\"batch\":1}")
                .body("messages", hasSize(1))
                .extract()
                .path("messages[0].ack_token");
        given().contentType(ContentType.JSON)
                .body(Map.of("acks", List.of(token)))
                .post(CONSUMERS + "worker/ack?confirm=true")
                .then()
                .statusCode(200)
                .body("acked", equalTo(1));
        given().get("/v1/streams/WORK/consumers").then().statusCode(200).body("consumers.name", hasItem("worker"));
        given().get(CONSUMERS + "worker").then().statusCode(200).body("state.ack_pending", equalTo(0));
        given().delete(CONSUMERS + "worker").then().statusCode(204);
    }

    @Test
    void returnsStreamsAndMessages() {
        String message = publish("/v1/publish/work.shown", "text/plain", "x")
                .statusCode(201)
                .extract()
                .header("Location");

        given().get("/v1/streams").then().statusCode(200).body("streams.name", hasItem("WORK"));
        given().get(message).then().statusCode(200).body(equalTo("x"));
    }

    @Test
    void processesOrders() {
        publish("/v1/orders", "application/json", "{\"order_id\":\"E-1\",\"amount\":4999}")
                .statusCode(201);

        await().atMost(Timeouts.LIMIT)
                .until(() -> "processed".equals(given().get("/v1/orders/E-1").path("status")));
    }

    static ValidatableResponse fetch(String stream, String consumer, String body) {
        return given().contentType(ContentType.JSON)
                .body(body)
                .post("/v1/streams/" + stream + "/consumers/" + consumer + "/fetch")
                .then()
                .statusCode(200);
    }

    static ValidatableResponse publish(String path, String type, String body) {
        return given().contentType(type)
                .body(body.getBytes(StandardCharsets.UTF_8))
                .post(path)
                .then();
    }
}
