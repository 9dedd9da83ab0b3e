package dev.sluice.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.SseClient;
import dev.sluice.support.Timeouts;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All functions of streams, buckets and object stores work with a JetStream API prefix other than {@code $JS.API}. */
abstract class OtherApiPrefixWork extends StreamWork {

    @BeforeEach
    void awaitStreams() {
        await().atMost(Timeouts.LIMIT)
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
                .within(Timeouts.LIMIT)) {
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

        await().atMost(Timeouts.LIMIT).untilAsserted(() -> {
            fetch("ORDERS", "once", "{\"no_wait\":true}");
            assertThat(given().get("/v1/dead-letters").jsonPath().getList("dead_letters.subject"))
                    .contains("orders.never");
        });
    }

    @Test
    void writesReadsAndListsTheKeysOfABucket() {
        putJson("/v1/buckets/menu", "{\"history\":5}").statusCode(anyOf(is(200), is(201)));
        String key = "/v1/buckets/menu/keys/tea/green";
        String revision =
                put(key, "4999").statusCode(anyOf(is(200), is(201))).extract().header("ETag");

        given().header("If-Match", revision).body("5999").put(key).then().statusCode(200);

        given().header("If-Match", revision).body("1").put(key).then().statusCode(412);
        given().get(key).then().statusCode(200).body(equalTo("5999"));
        given().get("/v1/buckets/menu/keys").then().statusCode(200).body("keys", hasItem("tea/green"));
        given().get("/v1/buckets/menu/history/tea/green")
                .then()
                .statusCode(200)
                .body("revisions.value", hasItems("4999", "5999"));
        given().get("/v1/buckets").then().statusCode(200).body("buckets.bucket", hasItem("menu"));
        given().delete(key).then().statusCode(204);
        given().get(key).then().statusCode(404).body("type", endsWith("/no-key"));
        given().delete("/v1/buckets/menu").then().statusCode(204);
    }

    @Test
    void watchesABucket() {
        putJson("/v1/buckets/watched", "{}").statusCode(anyOf(is(200), is(201)));
        put("/v1/buckets/watched/keys/before", "1").statusCode(anyOf(is(200), is(201)));
        try (SseClient watch = watch("/v1/buckets/watched/events")) {
            assertThat(watch.until(frame -> frame.type().equals("current")))
                    .anyMatch(frame -> frame.data().contains("\"key\":\"before\""));

            put("/v1/buckets/watched/keys/after", "2").statusCode(anyOf(is(200), is(201)));

            assertThat(watch.await("message").data()).contains("\"key\":\"after\"");
        }
    }

    @Test
    void storesAndWatchesObjects() {
        putJson("/v1/object-stores/media", "{}").statusCode(anyOf(is(200), is(201)));
        String object = "/v1/object-stores/media/objects/tea/green.txt";
        try (SseClient watch = watch("/v1/object-stores/media/events")) {
            watch.await("current");

            put(object, "sencha").statusCode(201);

            assertThat(watch.await("message").data()).contains("\"name\":\"tea/green.txt\"");
        }
        given().get(object).then().statusCode(200).body(equalTo("sencha"));
        given().header("Range", "bytes=1-3").get(object).then().statusCode(206).body(equalTo("enc"));
        given().get("/v1/object-stores/media/objects")
                .then()
                .statusCode(200)
                .body("objects.name", hasItem("tea/green.txt"));
        given().delete(object).then().statusCode(204);
        given().get(object).then().statusCode(404);
        given().delete("/v1/object-stores/media").then().statusCode(204);
    }

    @Test
    void createsUpdatesPurgesAndDeletesAStream() {
        putJson("/v1/streams/NOTES", "{\"subjects\":[\"notes.>\"]}").statusCode(201);
        publish("/v1/publish/notes.a", "text/plain", "x").statusCode(201).body("stream", equalTo("NOTES"));

        putJson("/v1/streams/NOTES", "{\"subjects\":[\"notes.>\"],\"max_messages\":7}")
                .statusCode(200);

        given().get("/v1/streams/NOTES").then().statusCode(200).body("configuration.max_messages", equalTo(7));
        given().get("/v1/streams/NOTES/messages").then().statusCode(200).body("messages.subject", hasItem("notes.a"));
        given().contentType(ContentType.JSON)
                .body("{}")
                .post("/v1/streams/NOTES/purge")
                .then()
                .statusCode(200)
                .body("purged", equalTo(1));
        given().delete("/v1/streams/NOTES").then().statusCode(204);
    }

    /** Atomic batches need nats-server 2.12. */
    @Test
    void storesAnAtomicBatch() {
        int created = putJson("/v1/streams/BATCH", "{\"subjects\":[\"batch.>\"],\"allow_atomic\":true}")
                .statusCode(anyOf(is(201), is(501)))
                .extract()
                .statusCode();
        assumeTrue(created == 201, "the server has no atomic batches");

        publish(
                        "/v1/publish?atomic=true",
                        "application/x-ndjson",
                        "{\"subject\":\"batch.a\",\"data\":\"1\"}\n{\"subject\":\"batch.b\",\"data\":\"2\"}\n")
                .statusCode(201)
                .body("stream", equalTo("BATCH"))
                .body("seq", equalTo(2));
        given().delete("/v1/streams/BATCH").then().statusCode(204);
    }

    private SseClient watch(String path) {
        return SseClient.of(
                        new HttpExchange(root.getPort()).send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .within(Timeouts.LIMIT);
    }

    private static ValidatableResponse putJson(String path, String body) {
        return given().contentType(ContentType.JSON).body(body).put(path).then();
    }

    private static ValidatableResponse put(String path, String value) {
        return given().contentType("text/plain").body(value).put(path).then();
    }
}
