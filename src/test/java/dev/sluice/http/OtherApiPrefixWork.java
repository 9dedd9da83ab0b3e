package dev.sluice.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.endsWith;

import dev.sluice.support.Patience;
import dev.sluice.support.SseClient;
import io.restassured.http.ContentType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All stream functions work with a JetStream API prefix other than {@code $JS.API}. */
abstract class OtherApiPrefixWork extends StreamWork {

    @BeforeEach
    void awaitStreams() {
        await().atMost(Patience.LIMIT)
                .until(() -> given().get("/v1/streams/WORK").statusCode() == 200
                        && given().get("/v1/dead-letters").statusCode() == 200
                        && given().get("/v1/orders/none").statusCode() == 404);
    }

    @Test
    void reportsThatNoStreamStoresASubject() {
        publish("/v1/publish/stored.nowhere", "text/plain", "x").statusCode(404).body("type", endsWith("/no-stream"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&from=all", "&from=last-per-subject", "&from=since:1h", "&tail=3"})
    void tails(String query) {
        publish("/v1/publish/work.tailed", "text/plain", "before " + query).statusCode(201);
        try (SseClient client = SseClient.open(root.getPort(), "?source=stream&subject=work.tailed" + query)
                .within(Patience.LIMIT)) {
            if (query.isEmpty()) {
                client.untilConnected();
            } else {
                client.until(frame -> frame.data().contains("before " + query));
            }
            publish("/v1/publish/work.tailed", "text/plain", "after " + query).statusCode(201);

            client.until(frame -> frame.data().contains("after " + query));
        }
    }

    /** JetStream's advisories also reach the service. */
    @Test
    void storesADeadLetterAfterTheLastDelivery() {
        given().contentType(ContentType.JSON)
                .body("{\"filter_subjects\":[\"orders.never\"],\"max_deliver\":1,\"ack_wait\":\"1s\"}")
                .put("/v1/streams/ORDERS/consumers/once")
                .then()
                .statusCode(201);
        publish("/v1/publish/orders.never", "text/plain", "never acknowledged").statusCode(201);

        await().atMost(Patience.LIMIT).untilAsserted(() -> {
            fetch("ORDERS", "once", "{\"no_wait\":true}");
            assertThat(given().get("/v1/dead-letters").jsonPath().getList("dead_letters.subject"))
                    .contains("orders.never");
        });
    }
}
