package dev.sluice.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;

import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.TokenIssuer;
import io.nats.client.Connection;
import io.nats.client.KeyValue;
import io.nats.client.Nats;
import io.nats.client.api.KeyValueConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What callers see of buckets. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@WithTestResource(SecuredResource.class)
class BucketPermissionsIT {
    private static final String MENU = "/v1/buckets/menu";

    @NatsServerResource.Server
    NatsServer server;

    @SecuredResource.Issuer
    TokenIssuer issuer;

    private Connection nats;

    @BeforeEach
    void create() throws Exception {
        nats = Nats.connect(server.url());
        for (String bucket : List.of("menu", "secrets")) {
            nats.keyValueManagement()
                    .create(KeyValueConfiguration.builder().name(bucket).build());
            KeyValue keys = nats.keyValue(bucket);
            keys.put("tea.green", "1");
            keys.put("tea.black", "1");
            keys.put("coffee", "1");
        }
    }

    @AfterEach
    void delete() throws Exception {
        nats.keyValueManagement().delete("menu");
        nats.keyValueManagement().delete("secrets");
        nats.close();
    }

    @Test
    void listsOnlyKeysThatTheCallerMayRead() {
        RequestSpecification reader = caller(Map.of("read", List.of("menu.tea.>")), List.of("menu.tea.black"));

        reader.get(MENU + "/keys").then().statusCode(200).body("keys", contains("tea.green"));
    }

    @Test
    void streamsOnlyKeysThatTheCallerMayRead() {
        RequestSpecification reader = caller(Map.of("read", List.of("menu.tea.>")), List.of("menu.tea.black"));

        reader.accept("application/x-ndjson")
                .get(MENU + "/keys")
                .then()
                .statusCode(200)
                .body(equalTo("{\"key\":\"tea.green\"}\n"));
    }

    @Test
    void listsOnlyBucketsOfTheCaller() {
        caller(Map.of("read", List.of("menu.tea.>")), List.of())
                .get("/v1/buckets")
                .then()
                .statusCode(200)
                .body("buckets.bucket", contains("menu"));
    }

    @Test
    void permitsToWatchOnlyPatternsThatTheCallerMayReadEntirely() {
        Map<String, Integer> statuses = new TreeMap<>();
        for (String keys : List.of(
                "?key=tea.*&key=coffee", "", "?key=tea.%3E", "?key=coffee&key=milk", "?key=*", "?key=tea.secret.a")) {
            RequestSpecification reader =
                    caller(Map.of("read", List.of("menu.tea.>", "menu.coffee")), List.of("menu.tea.secret.>"));
            statuses.put(keys, reader.head(MENU + "/events" + keys).statusCode());
        }

        assertThat(statuses).containsEntry("?key=tea.*&key=coffee", 200);
        assertThat(statuses.values()).filteredOn(status -> status == 403).hasSize(5);
    }

    @Test
    void doesNotLetAReaderWriteOrAWriterRead() {
        given().spec(caller(Map.of("read", List.of("menu.>")), List.of()))
                .body("2")
                .put(MENU + "/keys/coffee")
                .then()
                .statusCode(403);
        caller(Map.of("write", List.of("menu.>")), List.of())
                .get(MENU + "/keys/coffee")
                .then()
                .statusCode(403);
    }

    @Test
    void aStreamPermissionDoesNotPermitToDeleteABucket() {
        caller(Map.of("administer", List.of("menu.*")), List.of())
                .delete(MENU)
                .then()
                .statusCode(403);
    }

    @Test
    void rejectsReadingABucketAsAStream() {
        Map<String, List<String>> everything =
                Map.of("consume", List.of(">"), "administer", List.of(">"), "subscribe", List.of(">"));

        caller(everything, List.of())
                .get("/v1/streams/KV_menu/messages/1")
                .then()
                .statusCode(403);
        caller(everything, List.of())
                .get("/v1/events?subject=$KV.menu.%3E")
                .then()
                .statusCode(403);
    }

    private RequestSpecification caller(Map<String, List<String>> allowed, List<String> denied) {
        return given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer " + issuer.permitting(allowed, denied));
    }
}
