package dev.sluice.http.state;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.http.TestBucket;
import dev.sluice.http.TestStore;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.RawClient;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.KeyValueOperation;
import io.nats.client.api.Mirror;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys over REST, next to another client of the same bucket. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class KeyRouteIT {
    private static final int OF_A_BROWSER = 32;
    private static final int MAX_KEY = 2_048;

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    private TestBucket bucket;

    @BeforeEach
    void create() {
        bucket = new TestBucket(server);
    }

    @AfterEach
    void delete() {
        bucket.close();
    }

    /** Any answers for a bucket with one replica: here one that never has the key. */
    @Test
    void doesNotBelieveAMirrorThatAKeyHasNoValue() {
        TestBucket.call(() -> bucket.nats
                .jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name("M" + bucket.name)
                        .storageType(StorageType.Memory)
                        .mirror(Mirror.builder()
                                .sourceName("KV_" + bucket.name)
                                .filterSubject("$KV." + bucket.name + ".other")
                                .build())
                        .mirrorDirect(true)
                        .build()));
        put("tea", "1");

        for (int i = 0; i < 20; i++) {
            when().get(bucket.key("tea")).then().statusCode(200);
        }
        TestBucket.call(() -> bucket.nats.jetStreamManagement().deleteStream("M" + bucket.name));
    }

    @Test
    void readsAValueOfAnotherClient() {
        long revision = TestBucket.call(() -> bucket.twin.put("tea.green", "sencha"));

        when().get(bucket.key("tea.green"))
                .then()
                .statusCode(200)
                .header("ETag", "\"" + revision + "\"")
                .header("Nats-Revision", Long.toString(revision))
                .header("Nats-Operation", "put")
                .header("Last-Modified", notNullValue())
                .header("Cache-Control", "private, no-cache")
                .body(equalTo("sencha"));
    }

    /** A publisher can store any header block. To jnats such a reply is a status. */
    @ParameterizedTest
    @ValueSource(strings = {"NATS/1.0 100 Idle Heartbeat", "NATS/1.0 404 Message Not Found", "NATS/1.0 503"})
    void readsAValueThatWasPublishedWithAStatusLine(String line) {
        try (RawClient publisher = new RawClient(server)) {
            publisher.publishBlock("$KV." + bucket.name + ".tea", line + "\r\n\r\n", "sencha");
            publisher.flush();
        }

        when().get(bucket.key("tea")).then().statusCode(200).body(equalTo("sencha"));
    }

    @Test
    void writesAValueThatAnotherClientReads() {
        given().header("Content-Type", "application/json")
                .header("NatsH-Colour", "green")
                .body("{\"a\":1}".getBytes(StandardCharsets.UTF_8))
                .put(bucket.key("tea/green"))
                .then()
                .statusCode(201)
                .header("ETag", "\"1\"")
                .body("bucket", equalTo(bucket.name))
                .body("key", equalTo("tea/green"))
                .body("revision", equalTo(1));

        KeyValueEntry entry = TestBucket.call(() -> bucket.twin.get("tea/green"));
        assertThat(entry.getValueAsString()).isEqualTo("{\"a\":1}");
        assertThat(entry.getRevision()).isEqualTo(1);
        when().get(bucket.key("tea/green"))
                .then()
                .header("Content-Type", "application/json")
                .header("NatsH-Colour", "green");
        put("tea/green", "2").statusCode(200).header("ETag", "\"2\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a%2Fb", "a/b", "-/_=.aZ09", "%2Flead", "a%2F%2Fb", "trail%2F", "a.b.c", "_INBOX.x", "=", "%61"})
    void acceptsEveryKeyThatNatsAccepts(String path) {
        URI target = root.resolve(bucket.key(path));
        String key = URI.create("x:/" + path).getPath().substring(1);

        given().urlEncodingEnabled(false)
                .body("v")
                .put(target)
                .then()
                .statusCode(201)
                .body("key", equalTo(key));

        assertThat(TestBucket.call(() -> bucket.twin.get(key)).getValueAsString())
                .isEqualTo("v");
        given().urlEncodingEnabled(false).get(target).then().statusCode(200).body(equalTo("v"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"k", "k."})
    void acceptsTheLongestKey(String repeated) {
        String key = repeated.repeat(MAX_KEY).substring(0, MAX_KEY - 1) + "k";

        put(key, "v").statusCode(201);

        when().get(bucket.key(key)).then().statusCode(200);
        put(key + "k", "v").statusCode(400);
    }

    /** Both lengths together are the longest subject of a request to the server. */
    @Test
    void readsTheLongestKeyOfTheBucketWithTheLongestName() {
        String name = "b".repeat(252);
        String key = "k".repeat(MAX_KEY);
        long revision = TestBucket.call(() -> {
            bucket.nats
                    .keyValueManagement()
                    .create(KeyValueConfiguration.builder()
                            .name(name)
                            .storageType(StorageType.Memory)
                            .build());
            return bucket.nats.keyValue(name).put(key, "v");
        });
        String path = "/v1/buckets/" + name;

        when().get(path + "/keys/" + key)
                .then()
                .statusCode(200)
                .header("ETag", "\"" + revision + "\"")
                .body(equalTo("v"));
        when().get(path + "/history/" + key).then().statusCode(200).body("revisions.value", contains("v"));
        when().get(path + "/keys?values=true").then().statusCode(200).body("entries.key", contains(key));
        when().get(path + "/keys?filter=" + "k".repeat(771)).then().statusCode(200);
        when().get(path + "/keys?filter=" + "k".repeat(772)).then().statusCode(400);
        when().get("/v1/buckets").then().body("buckets.bucket", hasItem(name));
        when().delete(path + "/keys/" + key).then().statusCode(204);
        when().delete(path).then().statusCode(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {".a", "a.", "a..b", "a b", "a*", "a.%3E", "gr%C3%BCn", "$x"})
    void rejectsAnInvalidKey(String path) {
        given().urlEncodingEnabled(false)
                .get(root.resolve(bucket.key(path.replace(" ", "%20"))))
                .then()
                .statusCode(400);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_048_576 - 200})
    void keepsAValueOfAnySize(int size) {
        byte[] value = new byte[size];
        new Random(size).nextBytes(value);

        given().contentType(ContentType.BINARY)
                .body(value)
                .put(bucket.key("v"))
                .then()
                .statusCode(201);

        assertThat(when().get(bucket.key("v")).asByteArray()).isEqualTo(value);
        assertThat(TestBucket.call(() -> bucket.twin.get("v")).getDataLen()).isEqualTo(size);
    }

    /** The server counts the headers too: the content type, and the message id that Sluice adds, whose length varies. */
    @Test
    void keepsTheLargestValueAndRejectsOneMoreByte() {
        int most = (int) bucket.nats.getServerInfo().getMaxPayload();

        await().untilAsserted(() -> {
            putBytes(new byte[1]);
            Headers headers = TestBucket.call(() -> bucket.nats
                    .jetStreamManagement()
                    .getLastMessage("KV_" + bucket.name, "$KV." + bucket.name + ".v")
                    .getHeaders());
            byte[] largest = TestStore.random(most - headers.serializedLength());

            assertThat(putBytes(largest).statusCode()).isEqualTo(200);
            assertThat(when().get(bucket.key("v")).asByteArray()).isEqualTo(largest);
            putBytes(new byte[largest.length + 1]).then().statusCode(413).body("type", equalTo("/problems/too-large"));
        });
    }

    private Response putBytes(byte[] value) {
        return given().contentType(ContentType.BINARY).body(value).put(bucket.key("v"));
    }

    @Test
    void readsTheHeadersOfAnotherClient() throws Exception {
        bucket.nats
                .jetStream()
                .publish(
                        "$KV." + bucket.name + ".a",
                        new Headers().put("Colour", "green").put("Content-Type", "text/x-tea"),
                        new byte[] {'1'});

        when().get(bucket.key("a"))
                .then()
                .statusCode(200)
                .header("NatsH-Colour", "green")
                .header("Content-Type", "text/x-tea")
                .body(equalTo("1"));
        when().get("/v1/buckets/" + bucket.name + "/history/a")
                .then()
                .body("revisions[0].headers.Colour[0]", equalTo("green"));
    }

    @Test
    void readsABucketWithoutDirectGets() {
        bucket.configure(configuration -> configuration.allowDirect(false));
        put("a", "1").statusCode(201);
        put("a", "2", "If-Match", "\"1\"").statusCode(200);

        when().get(bucket.key("a")).then().statusCode(200).body(equalTo("2"));
        when().get(bucket.key("a") + "?revision=1").then().statusCode(200).body(equalTo("1"));
        when().get(bucket.key("b")).then().statusCode(404);
        when().get("/v1/buckets/" + bucket.name + "/keys?values=true")
                .then()
                .statusCode(200)
                .body("entries[0].value", equalTo("2"));
    }

    @Test
    void answers304ToAClientThatHasTheRevision() {
        put("a", "1");

        ask("If-None-Match", "\"1\"").statusCode(304).header("ETag", "\"1\"");
        ask("If-None-Match", "W/\"1\"").statusCode(304);
        ask("If-None-Match", "\"7\", \"1\"").statusCode(304);
        ask("If-None-Match", "*").statusCode(304);
        ask("If-None-Match", "\"2\"").statusCode(200);
        ask("If-Match", "\"1\"").statusCode(200);
        ask("If-Match", "\"2\"").statusCode(412).body("type", equalTo("/problems/wrong-revision"));
    }

    @Test
    void answersAHeadLikeAGet() {
        put("a", "123");

        when().head(bucket.key("a")).then().statusCode(200).header("ETag", "\"1\"");
        when().head(bucket.key("b")).then().statusCode(404);
    }

    @Test
    void keepsABrowserFromRunningAValue() {
        given().contentType("text/html").body("<script>alert(1)</script>").put(bucket.key("a"));

        Response value = when().get(bucket.key("a"));

        value.then()
                .header("Content-Security-Policy", containsString("sandbox"))
                .header("Content-Disposition", "attachment");
        assertThat(value.headers().getValues("X-Content-Type-Options")).containsExactly("nosniff");
    }

    @Test
    void answers404WithoutAValue() {
        when().get(bucket.key("a"))
                .then()
                .statusCode(404)
                .header("Nats-Revision", nullValue())
                .body("type", equalTo("/problems/no-key"));
    }

    @Test
    void deletesAValueForOtherClientsToo() {
        put("a", "1");

        when().delete(bucket.key("a")).then().statusCode(204).header("Nats-Revision", "2");

        assertThat(TestBucket.call(() -> bucket.twin.get("a"))).isNull();
        when().get(bucket.key("a"))
                .then()
                .statusCode(404)
                .header("Nats-Revision", "2")
                .header("Nats-Operation", "delete");
        assertThat(operations("a")).containsExactly(KeyValueOperation.PUT, KeyValueOperation.DELETE);
        put("a", "2").statusCode(201);
    }

    @Test
    void purgesTheHistory() {
        put("a", "1");
        put("a", "2");

        when().delete(bucket.key("a") + "?purge=true").then().statusCode(204);

        assertThat(operations("a")).containsExactly(KeyValueOperation.PURGE);
        when().get(bucket.key("a")).then().statusCode(404).header("Nats-Operation", "purge");
    }

    @Test
    void seesTheDeletionsOfAnotherClient() {
        put("a", "1");
        TestBucket.call(() -> {
            bucket.twin.purge("a");
            return null;
        });

        when().get(bucket.key("a")).then().statusCode(404).header("Nats-Operation", "purge");
    }

    @Test
    void writesOnlyIfTheRevisionMatches() {
        put("a", "1");
        put("a", "2");

        put("a", "3", "If-Match", "\"1\"")
                .statusCode(412)
                .header("Nats-Revision", "2")
                .body("type", equalTo("/problems/wrong-revision"))
                .body("detail", containsString("2"));
        put("a", "3", "If-Match", "\"2\"").statusCode(200).header("ETag", "\"3\"");
        put("a", "4", "If-Match", "\"1\", \"3\"").statusCode(200);
        put("a", "5", "If-Match", "*").statusCode(200);
        put("none", "5", "If-Match", "*").statusCode(412);
        put("none", "5", "If-Match", "\"0\"").statusCode(412);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"\"2\"; 200", "\"1\", \"2\"; 201"})
    void writesOverADeletionThatIfMatchNames(String tags, int status) {
        put("a", "1");
        when().delete(bucket.key("a"));

        put("a", "2", "If-Match", tags).statusCode(status).header("ETag", "\"3\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "\"1\"", "W/\"2\""})
    void doesNotWriteOverAnotherDeletion(String tags) {
        put("a", "1");
        when().delete(bucket.key("a"));

        put("a", "2", "If-Match", tags).statusCode(412).header("Nats-Revision", "2");
    }

    @Test
    void readsEveryLineOfAccept() {
        given().header("Accept", "text/html")
                .header("Accept", "application/json")
                .body("1")
                .put(bucket.key("a"))
                .then()
                .statusCode(201);
        given().header("Accept", "text/html")
                .header("Accept", "image/png")
                .body("1")
                .put(bucket.key("a"))
                .then()
                .statusCode(406)
                .body("type", equalTo("/problems/not-acceptable"));
    }

    @Test
    void purgesADeletionThatIfMatchNames() {
        put("a", "1");
        when().delete(bucket.key("a"));

        given().header("If-Match", "\"1\", \"2\"")
                .delete(bucket.key("a") + "?purge=true")
                .then()
                .statusCode(204);
        given().header("If-Match", "*").delete(bucket.key("a")).then().statusCode(412);
    }

    @ParameterizedTest
    @ValueSource(strings = {"W/\"1\"", "\"x\"", "\"01\"", "\"99999999999999999999\""})
    void rejectsAWriteWithAnotherEntityTag(String tag) {
        put("a", "1");

        put("a", "2", "If-Match", tag).statusCode(412);
        given().header("If-Match", tag).delete(bucket.key("a")).then().statusCode(412);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "\"1", "1\"", "\"1\"x", "**", ","})
    void rejectsAnInvalidEntityTag(String tag) {
        put("a", "1");

        put("a", "2", "If-Match", tag).statusCode(400);
        ask("If-None-Match", tag).statusCode(400);
    }

    @Test
    void rejectsAPartOfAValue() {
        put("a", "whole");

        put("a", "part", "Content-Range", "bytes 0-3/5")
                .statusCode(400)
                .body("type", equalTo("/problems/invalid"))
                .body("detail", containsString("Content-Range"));

        when().get(bucket.key("a")).then().body(equalTo("whole"));
    }

    @Test
    void rejectsAWriteWhoseConditionIsADate() {
        put("a", "whole");

        put("a", "new", "If-Unmodified-Since", "Thu, 27 Aug 2026 09:00:00 GMT")
                .statusCode(400)
                .body("detail", containsString("If-Match"));
        given().header("If-Unmodified-Since", "Thu, 27 Aug 2026 09:00:00 GMT")
                .delete(bucket.key("a"))
                .then()
                .statusCode(400);

        when().get(bucket.key("a")).then().body(equalTo("whole"));
    }

    @Test
    void rejectsConditionsThatContradict() {
        put("a", "1", "If-None-Match", "\"1\"").statusCode(400);
        given().header("If-Match", "\"1\"")
                .header("If-None-Match", "*")
                .body("x")
                .put(bucket.key("a"))
                .then()
                .statusCode(400);
        given().header("If-None-Match", "*").delete(bucket.key("a")).then().statusCode(400);
    }

    @Test
    void createsAfterADeletionButNotIfAValueExists() {
        put("a", "1", "If-None-Match", "*").statusCode(201);
        put("a", "2", "If-None-Match", "*").statusCode(412).header("Nats-Revision", "1");
        when().delete(bucket.key("a"));

        put("a", "3", "If-None-Match", "*").statusCode(201).header("ETag", "\"3\"");
    }

    /** The value of a header is no reason for the server to miss the condition. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Nats-Expected-Last-Subject-Sequence",
                "Nats-Expected-Last-Subject-SequenceNats-Expected-Last-Subject-Sequence"
            })
    void createsNothingOverAValueWhateverAHeaderSays(String hiding) {
        put("a", "1");

        given().header("NatsH-A", hiding)
                .header("If-None-Match", "*")
                .body("2")
                .put(bucket.key("a"))
                .then()
                .statusCode(412);

        when().get(bucket.key("a")).then().body(equalTo("1"));
    }

    @Test
    void deletesOnlyIfTheRevisionMatches() {
        put("a", "1");
        put("a", "2");

        given().header("If-Match", "\"1\"").delete(bucket.key("a")).then().statusCode(412);
        given().header("If-Match", "\"1\"")
                .delete(bucket.key("a") + "?purge=true")
                .then()
                .statusCode(412);
        given().header("If-Match", "\"2\"").delete(bucket.key("a")).then().statusCode(204);
    }

    @Test
    void readsAnOlderRevisionOfTheHistory() {
        put("a", "1");
        put("b", "other");
        put("a", "2");

        when().get(bucket.key("a") + "?revision=1").then().statusCode(200).body(equalTo("1"));
        when().get(bucket.key("a") + "?revision=2").then().statusCode(404);
        when().get(bucket.key("a") + "?revision=9").then().statusCode(404);
        when().get(bucket.key("a") + "?revision=0").then().statusCode(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Nats-Msg-Id",
                "Nats-Expected-Last-Subject-Sequence",
                "Nats-Rollup",
                "NatsH-KV-Operation",
                "Idempotency-Key"
            })
    void rejectsTheHeadersOfAPublish(String header) {
        put("a", "1", header, "1").statusCode(400);
    }

    @Test
    void acceptsATimeToLiveOnlyForANewValue() {
        put("a", "1", "Nats-TTL", "60s").statusCode(400);
        given().header("Nats-TTL", "60s").delete(bucket.key("a")).then().statusCode(400);
        given().header("Nats-TTL", "1s")
                .header("If-None-Match", "*")
                .body("1")
                .put(bucket.key("a"))
                .then()
                .statusCode(501);
    }

    @Test
    void rejectsAnEmptyTimeToLive() {
        given().header("Nats-TTL", "")
                .header("If-None-Match", "*")
                .body("1")
                .put(bucket.key("a"))
                .then()
                .statusCode(400);
        given().header("Nats-TTL", "")
                .delete(bucket.key("a") + "?purge=true")
                .then()
                .statusCode(400);
    }

    @Test
    void seesAtOnceThatAnotherClientAllowsTimesToLive() {
        assumeTrue(bucket.since("2.11.0"), "markers need nats-server 2.11");
        put("a", "1").statusCode(201);
        bucket.configure(configuration -> configuration.allowMessageTtl().subjectDeleteMarkerTtl(Duration.ofHours(1)));

        given().header("Nats-TTL", "1h")
                .header("If-None-Match", "*")
                .body("1")
                .put(bucket.key("b"))
                .then()
                .statusCode(201);
    }

    @Test
    void tellsTheLimitOfTheBucketForATooLargeValue() {
        bucket.configure(configuration -> configuration.maximumMessageSize(300));

        put("a", "x".repeat(300))
                .statusCode(413)
                .body("detail", containsString("the limit of the stream is 300 bytes"));
    }

    @Test
    void changesNothingInASealedBucket() {
        put("a", "1").statusCode(201);
        bucket.configure(StreamConfiguration.Builder::seal);

        put("a", "2").statusCode(409).body("type", equalTo("/problems/conflict"));
    }

    @Test
    void expiresAValueAndReportsIt() {
        assumeTrue(bucket.since("2.11.0"), "markers need nats-server 2.11");
        String name = bucket.name + "_ttl";
        given().contentType(ContentType.JSON).body("{\"marker_ttl\":\"1h\"}").put("/v1/buckets/" + name);

        given().header("Nats-TTL", "1s")
                .header("If-None-Match", "*")
                .body("1")
                .put("/v1/buckets/" + name + "/keys/a")
                .then()
                .statusCode(201);

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> when().get("/v1/buckets/" + name + "/keys/a")
                .then()
                .statusCode(404)
                .header("Nats-Operation", "expire"));
        given().header("If-None-Match", "*")
                .body("2")
                .put("/v1/buckets/" + name + "/keys/a")
                .then()
                .statusCode(201);
        when().get("/v1/buckets/" + name + "/keys/a").then().statusCode(200).body(equalTo("2"));
        given().header("Nats-TTL", "1h")
                .delete("/v1/buckets/" + name + "/keys/a?purge=true")
                .then()
                .statusCode(204);
        given().header("Nats-TTL", "soon")
                .header("If-None-Match", "*")
                .body("1")
                .put("/v1/buckets/" + name + "/keys/b")
                .then()
                .statusCode(400);
        when().delete("/v1/buckets/" + name).then().statusCode(204);
    }

    @Test
    void oneOf64ConcurrentCreatesSucceeds() {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest create = HttpRequest.newBuilder(root.resolve(bucket.key("raced")))
                .header("If-None-Match", "*")
                .PUT(HttpRequest.BodyPublishers.ofString("x"))
                .build();
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            answers.add(http.sendAsync(create, HttpResponse.BodyHandlers.discarding())
                    .thenApply(HttpResponse::statusCode));
        }

        List<Integer> statuses = answers.stream().map(CompletableFuture::join).toList();

        assertThat(statuses).containsOnly(201, 412).containsOnlyOnce(201);
    }

    @Test
    void losesNoIncrement() throws Exception {
        put("counter", "0");
        ExecutorService clients = Executors.newFixedThreadPool(OF_A_BROWSER);
        List<Future<Integer>> counts = new ArrayList<>();
        for (int i = 0; i < OF_A_BROWSER; i++) {
            counts.add(clients.submit(() -> increments(60)));
        }
        int acknowledged = 0;
        for (Future<Integer> count : counts) {
            acknowledged += count.get();
        }
        clients.shutdown();

        when().get(bucket.key("counter")).then().body(equalTo(Integer.toString(acknowledged)));
        assertThat(acknowledged).isPositive();
    }

    /** Tries to increment the counter, and returns how often that was acknowledged. */
    private int increments(int attempts) throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        URI counter = root.resolve(bucket.key("counter"));
        int acknowledged = 0;
        for (int i = 0; i < attempts; i++) {
            HttpResponse<String> read =
                    http.send(HttpRequest.newBuilder(counter).build(), HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> written = http.send(
                    HttpRequest.newBuilder(counter)
                            .header(
                                    "If-Match",
                                    read.headers().firstValue("ETag").orElseThrow())
                            .PUT(HttpRequest.BodyPublishers.ofString(
                                    Integer.toString(Integer.parseInt(read.body()) + 1)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(written.statusCode()).as(written.body()).isIn(200, 412);
            acknowledged += written.statusCode() == 200 ? 1 : 0;
        }
        return acknowledged;
    }

    private ValidatableResponse ask(String header, String value) {
        return given().header(header, value).get(bucket.key("a")).then();
    }

    private ValidatableResponse put(String key, String value) {
        Response answer = given().contentType(ContentType.TEXT).body(value).put(bucket.key(key));
        return answer.then();
    }

    private ValidatableResponse put(String key, String value, String header, String of) {
        return given().contentType(ContentType.TEXT)
                .header(header, of)
                .body(value)
                .put(bucket.key(key))
                .then();
    }

    private List<KeyValueOperation> operations(String key) {
        return TestBucket.call(() -> bucket.twin.history(key)).stream()
                .map(KeyValueEntry::getOperation)
                .toList();
    }
}
