package dev.sluice.http.state;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.http.TestBucket;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.nats.client.api.KeyValueStatus;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Buckets over REST: their settings, and what other clients make of them. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class BucketResourceIT {
    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    private final String fresh = "N" + UUID.randomUUID().toString().substring(0, 8);
    private TestBucket bucket;

    @BeforeEach
    void create() {
        bucket = new TestBucket(server);
    }

    @AfterEach
    void delete() {
        bucket.close();
    }

    @Test
    void createsABucketThatAnotherClientOpens() {
        put(
                        fresh,
                        "{\"history\":7,\"max_age\":\"1h\",\"max_bytes\":65536,\"storage\":\"memory\",\"description\":\"d\"}")
                .statusCode(201)
                .header("Location", equalTo("/v1/buckets/" + fresh))
                .body("bucket", equalTo(fresh))
                .body("revision", equalTo(0));

        KeyValueStatus status =
                TestBucket.call(() -> bucket.nats.keyValueManagement().getStatus(fresh));
        assertThat(status.getMaxHistoryPerKey()).isEqualTo(7);
        assertThat(status.getTtl()).isEqualTo(Duration.ofHours(1));
        assertThat(status.getMaxBucketSize()).isEqualTo(65_536);
        assertThat(status.getDescription()).isEqualTo("d");
        when().delete("/v1/buckets/" + fresh).then().statusCode(204);
    }

    @Test
    void doesNotChangeASealedBucket() {
        bucket.configure(StreamConfiguration.Builder::seal);

        put(bucket.name, "{\"history\":7}")
                .statusCode(409)
                .body("detail", equalTo("The bucket " + bucket.name + " is sealed"));
        when().get("/v1/buckets/" + bucket.name).then().body("sealed", equalTo(true));
    }

    @Test
    void changesABucketAndKeepsItsValues() {
        TestBucket.call(() -> bucket.twin.put("tea", "green"));

        put(bucket.name, "{\"history\":9,\"max_value_size\":100}")
                .statusCode(200)
                .body("history", equalTo(9));
        put(bucket.name, "{\"history\":9,\"max_value_size\":100}").statusCode(200);

        when().get("/v1/buckets/" + bucket.name)
                .then()
                .statusCode(200)
                .body("history", equalTo(9))
                .body("max_value_size", equalTo(100))
                .body("values", equalTo(1))
                .body("storage", equalTo("memory"))
                .body("revision", equalTo(1));
    }

    @Test
    void doesNotChangeTheStorage() {
        put(bucket.name, "{\"storage\":\"file\"}").statusCode(409).body("type", equalTo("/problems/conflict"));
    }

    @Test
    void deletesABucketOnce() {
        when().delete("/v1/buckets/" + bucket.name).then().statusCode(204);

        when().delete("/v1/buckets/" + bucket.name).then().statusCode(404).body("type", equalTo("/problems/no-bucket"));
    }

    @Test
    void listsBucketsExceptThoseOfSluice() {
        when().get("/v1/buckets")
                .then()
                .statusCode(200)
                .body("buckets.bucket", hasItem(bucket.name))
                .body("buckets.bucket", not(hasItem("sluice_tickets")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ORDERS", "sluice_tickets", "nothing"})
    void rejectsAStreamThatIsNotABucket(String name) {
        when().get("/v1/buckets/" + name).then().statusCode(404).body("type", equalTo("/problems/no-bucket"));
        when().get("/v1/buckets/" + name + "/keys/a")
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/no-bucket"));
        given().body("x")
                .put("/v1/buckets/" + name + "/keys/a")
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/no-bucket"));
    }

    @Test
    void leavesAStreamAloneThatOnlyHasTheNameOfABucket() {
        TestBucket.call(() -> bucket.nats
                .jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name("KV_" + fresh)
                        .subjects(fresh + ".>")
                        .storageType(StorageType.Memory)
                        .build()));

        String path = "/v1/buckets/" + fresh;
        for (String of : List.of(path, path + "/keys", path + "/keys/a", path + "/history/a")) {
            when().get(of).then().statusCode(404).body("type", equalTo("/problems/no-bucket"));
        }
        given().body("x").put(path + "/keys/a").then().statusCode(404).body("type", equalTo("/problems/no-bucket"));
        for (String of : List.of(path, path + "/keys/a")) {
            when().delete(of).then().statusCode(404).body("type", equalTo("/problems/no-bucket"));
        }
        put(fresh, "{}").statusCode(409).body("type", equalTo("/problems/conflict"));
        TestBucket.call(() -> bucket.nats.jetStreamManagement().deleteStream("KV_" + fresh));
    }

    @Test
    void answers400WithTheCodeOfNatsIfItTakesASettingForInvalid() {
        put(bucket.name, "{\"max_age\":\"50ms\"}")
                .statusCode(400)
                .body("type", equalTo("/problems/invalid"))
                .body("nats_error_code", equalTo(10052));
    }

    @Test
    void rejectsChangesOfTheBucketsOfSluice() {
        put("sluice_tickets", "{}").statusCode(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"history\":65}",
                "{\"history\":0}",
                "{\"replicas\":6}",
                "{\"max_age\":\"-1s\"}",
                "{\"storage\":\"tape\"}",
                "{\"marker_ttl\":\"1ms\"}",
                "{\"max_bytes\":0}",
                "{\"ttl\":\"1s\"}"
            })
    void rejectsUnknownSettings(String settings) {
        put(fresh, settings).statusCode(400);
    }

    @Test
    void requiresABody() {
        given().contentType(ContentType.JSON)
                .put("/v1/buckets/no-body")
                .then()
                .statusCode(400)
                .body("violations[0].field", equalTo("body"))
                .body("violations[0].rule", equalTo("is required"));
    }

    @Test
    void rejectsAnInvalidName() {
        put("a.b", "{}").statusCode(400);
    }

    @Test
    void keepsMarkersOfExpiredValuesIfTheServerSupportsThem() {
        ValidatableResponse answer = put(fresh, "{\"marker_ttl\":\"10m\"}");

        if (bucket.since("2.11.0")) {
            answer.statusCode(201).body("marker_ttl", equalTo("600s"));
        } else {
            answer.statusCode(501).body("type", equalTo("/problems/not-supported"));
        }
        assumeTrue(bucket.since("2.11.0"));
        when().delete("/v1/buckets/" + fresh).then().statusCode(204);
    }

    @Test
    void detectsADeletedBucket() {
        given().body("x").put(bucket.key("a")).then().statusCode(201);

        TestBucket.call(() -> {
            bucket.nats.keyValueManagement().delete(bucket.name);
            return null;
        });

        when().get(bucket.key("a")).then().statusCode(404).body("type", equalTo("/problems/no-bucket"));
    }

    @Test
    void concurrentFirstDefinitionsOfABucketAllSucceed() {
        HttpClient http = HttpClient.newHttpClient();
        List<CompletableFuture<Integer>> answers = IntStream.rangeClosed(1, 6)
                .mapToObj(history -> HttpRequest.newBuilder(root.resolve("/v1/buckets/" + fresh))
                        .header("Content-Type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofString("{\"history\":" + history + "}"))
                        .build())
                .map(request -> http.sendAsync(request, HttpResponse.BodyHandlers.discarding())
                        .thenApply(HttpResponse::statusCode))
                .toList();

        List<Integer> statuses = answers.stream().map(CompletableFuture::join).toList();

        assertThat(statuses).containsOnly(200, 201).containsOnlyOnce(201);
        when().delete("/v1/buckets/" + fresh).then().statusCode(204);
    }

    private ValidatableResponse put(String name, String settings) {
        return given().contentType(ContentType.JSON)
                .body(settings)
                .put("/v1/buckets/" + name)
                .then();
    }
}
