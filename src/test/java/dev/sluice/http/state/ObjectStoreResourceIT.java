package dev.sluice.http.state;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.http.TestBucket;
import dev.sluice.http.TestStore;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.ObjectStoreStatus;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Object stores over REST: their settings, and what other clients make of them. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ObjectStoreResourceIT {
    @NatsServerResource.Server
    NatsServer server;

    private final String fresh = "N" + UUID.randomUUID().toString().substring(0, 8);
    private TestStore store;

    @BeforeEach
    void create() {
        store = new TestStore(server);
    }

    @AfterEach
    void delete() {
        store.close();
    }

    @Test
    void createsAStoreThatAnotherClientOpens() {
        put(fresh, "{\"max_age\":\"1h\",\"max_bytes\":65536,\"storage\":\"memory\",\"description\":\"d\"}")
                .statusCode(201)
                .header("Location", equalTo("/v1/object-stores/" + fresh))
                .body("store", equalTo(fresh))
                .body("sealed", equalTo(false));

        ObjectStoreStatus status =
                TestBucket.call(() -> store.nats.objectStoreManagement().getStatus(fresh));
        assertThat(status.getTtl()).isEqualTo(Duration.ofHours(1));
        assertThat(status.getConfiguration().getMaxBucketSize()).isEqualTo(65_536);
        assertThat(status.getDescription()).isEqualTo("d");
        when().delete("/v1/object-stores/" + fresh).then().statusCode(204);
    }

    @Test
    void changesAStoreAndKeepsItsObjects() throws Exception {
        store.twin.put("a", new byte[10]);

        put(store.name, "{\"max_bytes\":1000000}").statusCode(200).body("max_bytes", equalTo(1_000_000));
        put(store.name, "{\"max_bytes\":1000000}").statusCode(200);

        assertThat(store.twin.getInfo("a").getSize()).isEqualTo(10);
        when().get("/v1/object-stores/" + store.name)
                .then()
                .statusCode(200)
                .body("storage", equalTo("memory"))
                .body("max_bytes", equalTo(1_000_000));
    }

    @Test
    void readsTheStoreWithTheLongestName() throws Exception {
        String longest = "s".repeat(251);
        TestBucket.call(() -> store.nats
                .objectStoreManagement()
                .create(ObjectStoreConfiguration.builder(longest)
                        .storageType(StorageType.Memory)
                        .build()));
        store.nats.objectStore(longest).put("a", "x".getBytes(UTF_8));
        String path = "/v1/object-stores/" + longest;

        when().get(path + "/objects/a").then().statusCode(200).body(equalTo("x"));
        when().get("/v1/object-stores").then().body("object_stores.store", hasItem(longest));
        when().delete(path).then().statusCode(204);
    }

    @Test
    void doesNotChangeTheStorage() {
        put(store.name, "{\"storage\":\"file\"}").statusCode(409).body("type", equalTo("/problems/conflict"));
    }

    @Test
    void sealsAStorePermanently() {
        put(store.name, "{\"sealed\":true,\"max_age\":\"1h\"}").statusCode(200).body("sealed", equalTo(true));
        put(store.name, "{\"sealed\":true,\"max_age\":\"1h\"}").statusCode(200);

        put(store.name, "{}").statusCode(409).body("type", equalTo("/problems/conflict"));
    }

    @Test
    void aSealedStoreKeepsItsSettings() {
        put(store.name, "{\"sealed\":true}").statusCode(200);

        put(store.name, "{\"sealed\":true,\"description\":\"d\"}")
                .statusCode(409)
                .body("detail", equalTo("The object store " + store.name + " is sealed: it keeps its settings"));
    }

    @Test
    void compressesIfTheServerSupportsIt() {
        ValidatableResponse answer = put(fresh, "{\"compression\":true}");

        if (store.since("2.10.0")) {
            answer.statusCode(201).body("compression", equalTo(true));
        } else {
            answer.statusCode(501).body("type", equalTo("/problems/not-supported"));
        }
        assumeTrue(store.since("2.10.0"));
        put(fresh, "{}").statusCode(200).body("compression", equalTo(false));
        when().delete("/v1/object-stores/" + fresh).then().statusCode(204);
    }

    @Test
    void deletesAStoreOnce() {
        when().delete("/v1/object-stores/" + store.name).then().statusCode(204);

        when().delete("/v1/object-stores/" + store.name)
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/no-object-store"));
    }

    @Test
    void listsTheStoresOfOthers() {
        when().get("/v1/object-stores")
                .then()
                .statusCode(200)
                .body("object_stores.store", hasItem(store.name))
                .body("object_stores.store", not(hasItem("sluice_tickets")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ORDERS", "sluice_tickets", "nothing"})
    void rejectsAStreamThatIsNotAnObjectStore(String name) {
        when().get("/v1/object-stores/" + name)
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/no-object-store"));
    }

    @Test
    void leavesAStreamAloneThatOnlyHasTheNameOfAStore() {
        TestBucket.call(() -> store.nats
                .jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name("OBJ_" + fresh)
                        .subjects(fresh + ".>")
                        .storageType(StorageType.Memory)
                        .build()));

        String path = "/v1/object-stores/" + fresh;
        for (String of : List.of(path, path + "/objects", path + "/objects/a")) {
            when().get(of).then().statusCode(404);
        }
        given().body("x").put(path + "/objects/a").then().statusCode(404);
        for (String of : List.of(path, path + "/objects/a")) {
            when().delete(of).then().statusCode(404);
        }
        put(fresh, "{}").statusCode(409).body("type", equalTo("/problems/conflict"));
        TestBucket.call(() -> store.nats.jetStreamManagement().deleteStream("OBJ_" + fresh));
    }

    @Test
    void answers400WithTheCodeOfNatsIfItTakesASettingForInvalid() {
        put(store.name, "{\"max_age\":\"50ms\"}")
                .statusCode(400)
                .body("type", equalTo("/problems/invalid"))
                .body("nats_error_code", equalTo(10052));
    }

    @Test
    void keepsTheSubjectsOfStoresReserved() {
        given().body("x").post("/v1/publish/$O." + store.name + ".C.x").then().statusCode(403);
        when().get("/v1/streams/" + store.stream()).then().statusCode(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"replicas\":6}",
                "{\"max_age\":\"-1s\"}",
                "{\"storage\":\"tape\"}",
                "{\"max_bytes\":0}",
                "{\"history\":1}",
                "{\"sealed\":true}"
            })
    void rejectsUnknownSettings(String settings) {
        put(fresh, settings).statusCode(400);
    }

    @Test
    void rejectsAnInvalidName() {
        put("a.b", "{}").statusCode(400);
    }

    private ValidatableResponse put(String name, String settings) {
        return given().contentType(ContentType.JSON)
                .body(settings)
                .put("/v1/object-stores/" + name)
                .then();
    }
}
