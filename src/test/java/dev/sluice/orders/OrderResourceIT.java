package dev.sluice.orders;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import dev.sluice.support.Timeouts;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class OrderResourceIT {
    @TestHTTPResource
    URI service;

    @BeforeEach
    void awaitReady() {
        await().atMost(Duration.ofSeconds(15))
                .until(() -> given().get("/q/health/ready").statusCode() == 200);
    }

    @Test
    void storesAnOrderOnce() {
        String order = "{\"order_id\":\"R-1\",\"amount\":4999}";
        await().atMost(Timeouts.LIMIT)
                .until(() -> given().get("/v1/orders/none").statusCode() == 404);

        given().contentType("application/json")
                .body(order)
                .post("/v1/orders")
                .then()
                .statusCode(201)
                .header("Location", equalTo("/v1/orders/R-1"))
                .body("stream", equalTo("ORDERS"))
                .body("duplicate", equalTo(false));
        given().contentType("application/json")
                .body(order)
                .post("/v1/orders")
                .then()
                .statusCode(200)
                .body("duplicate", equalTo(true));
    }

    @Test
    void namesEveryViolation() {
        given().contentType("application/json")
                .body("{\"order_id\":\"a b\",\"amount\":-1}")
                .post("/v1/orders")
                .then()
                .statusCode(400)
                .body("type", equalTo("/problems/invalid"))
                .body("violations.field", hasItem("order_id"))
                .body("violations.field", hasItem("amount"));
    }

    @Test
    void streamsTheStatusAsItChanges() throws IOException {
        submit("R-2", "");

        try (BufferedReader events = new BufferedReader(new InputStreamReader(
                service.resolve("/v1/orders/R-2/events").toURL().openStream(), StandardCharsets.UTF_8))) {
            String line = events.readLine();
            while (line != null && !line.contains("\"status\":\"processed\"")) {
                line = events.readLine();
            }
            assertThat(line).startsWith("data: {\"order_id\":\"R-2\"");
        }
        given().get("/v1/orders/R-2").then().statusCode(200).body("status", equalTo("processed"));
        given().get("/v1/orders/unknown/events").then().statusCode(404);
    }

    @Test
    void storesRedrivesAndDeletesDeadLetters() {
        int published = given().contentType("text/plain")
                .body("no order")
                .post("/v1/publish/orders.created")
                .then()
                .statusCode(201)
                .extract()
                .path("seq");
        String stored = "dead_letters.find { it.stream_seq == " + published + " }.seq";
        Integer seq = await().atMost(Timeouts.LIMIT)
                .until(
                        () -> given().get("/v1/dead-letters?stream=ORDERS")
                                .jsonPath()
                                .<Integer>get(stored),
                        Objects::nonNull);

        given().get("/v1/dead-letters/" + seq)
                .then()
                .statusCode(200)
                .body("data", equalTo("no order"))
                .body("reason", equalTo("This is not JSON"));
        given().post("/v1/dead-letters/" + seq + "/redrive")
                .then()
                .statusCode(201)
                .body("duplicate", equalTo(false));
        given().delete("/v1/dead-letters/" + seq).then().statusCode(204);
        given().get("/v1/dead-letters/" + seq).then().statusCode(404);
    }

    @Test
    void checksThePriceOfAProduct() {
        given().contentType("application/json")
                .body("{\"price\":100}")
                .put("/v1/prices/P-1")
                .then()
                .statusCode(204);
        submit("R-3", ",\"product_id\":\"P-1\"");

        await().atMost(Timeouts.LIMIT).untilAsserted(() -> given().get("/v1/orders/R-3")
                .then()
                .body("status", equalTo("processed"))
                .body("price_checked", equalTo(true)));
    }

    private static void submit(String id, String more) {
        await().atMost(Timeouts.LIMIT)
                .until(() -> given().get("/v1/orders/none").statusCode() == 404);
        given().contentType("application/json")
                .body("{\"order_id\":\"" + id + "\",\"amount\":4999" + more + "}")
                .post("/v1/orders")
                .then()
                .statusCode(201);
    }
}
