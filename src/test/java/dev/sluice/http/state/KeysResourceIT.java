package dev.sluice.http.state;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.http.TestBucket;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of keys and the history of a key over REST. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class KeysResourceIT {
    private static final int MANY = 3_000;
    private static final int OTHERS = 40;

    @NatsServerResource.Server
    NatsServer server;

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
    void listsTheKeysThatHaveAValue() {
        put("tea.green", "1");
        put("tea.black", "1");
        put("coffee", "1");
        put("gone", "1");
        TestBucket.call(() -> {
            bucket.twin.delete("gone");
            return null;
        });

        when().get(keys(""))
                .then()
                .statusCode(200)
                .body("keys", contains("coffee", "tea.black", "tea.green"))
                .body("next", nullValue());
        when().get(keys("?filter=tea.>")).then().body("keys", contains("tea.black", "tea.green"));
        when().get(keys("?filter=*")).then().body("keys", contains("coffee"));
    }

    /** Such a key begins like a subject that NATS reserves, but it is only the last part of one. */
    @ParameterizedTest
    @ValueSource(strings = {"_INBOX.x", "_INBOX.*", "_INBOX.>", "*.x"})
    void listsKeysThatBeginLikeAReservedSubject(String filter) {
        put("_INBOX.x", "1");
        put("other", "1");

        when().get(keys("?filter=" + filter)).then().statusCode(200).body("keys", contains("_INBOX.x"));
        given().accept("application/x-ndjson")
                .get(keys("?filter=" + filter))
                .then()
                .statusCode(200)
                .body(equalTo("{\"key\":\"_INBOX.x\"}\n"));
    }

    @Test
    void listsNothingOfAnEmptyBucket() {
        when().get(keys("")).then().statusCode(200).body("keys", hasSize(0));
        given().accept("application/x-ndjson")
                .get(keys(""))
                .then()
                .statusCode(200)
                .body(equalTo(""));
    }

    @Test
    void listsEachKeyOnceAcrossPagesWhileKeysChange() throws Exception {
        for (int i = 0; i < 25; i++) {
            put("k" + i, "1");
        }

        whileKeysChange(25, () -> {
            List<String> listed = new ArrayList<>();
            for (String next = ""; next != null; ) {
                Response page = when().get(keys("?limit=10" + (next.isEmpty() ? "" : "&next=" + next)));
                listed.addAll(page.path("keys"));
                next = page.path("next");
            }
            return listed;
        });
    }

    @Test
    void listsValues() {
        put("a", "1");
        put("a", "2");
        TestBucket.call(() -> bucket.twin.put("b", new byte[] {-1}));

        when().get(keys("?values=true"))
                .then()
                .statusCode(200)
                .body("entries.key", contains("a", "b"))
                .body("entries[0].value", equalTo("2"))
                .body("entries[0].revision", equalTo(2))
                .body("entries[0].operation", equalTo("put"))
                .body("entries[1].value_base64", equalTo("/w=="));
    }

    /** Another client can store what no key of Sluice is: other characters, or more of them. */
    @ParameterizedTest
    @ValueSource(strings = {"grün", "a$b", "a*b", "long"})
    void listsWhatIsNoKey(String name) throws Exception {
        String foreign = name.equals("long") ? "l".repeat(2_049) : name;
        bucket.nats.jetStream().publish("$KV." + bucket.name + "." + foreign, new byte[] {'1'});
        put("A", "1");
        put("z", "1");

        when().get(keys("?limit=2")).then().body("keys", contains("A", foreign)).body("next", equalTo(foreign));
        given().queryParam("next", foreign)
                .get(keys(""))
                .then()
                .statusCode(200)
                .body("keys", contains("z"))
                .body("next", nullValue());
        when().get(keys("?values=true"))
                .then()
                .statusCode(200)
                .body("entries.key", contains("A", foreign, "z"))
                .body("entries[1].value", equalTo("1"));
    }

    @Test
    void endsAPageOfLargeValuesEarly() {
        for (String key : List.of("a", "b", "c")) {
            TestBucket.call(() -> bucket.twin.put(key, new byte[600_000]));
        }

        Response page = when().get(keys("?values=true"));

        page.then().body("entries.key", contains("a", "b")).body("next", equalTo("b"));
        when().get(keys("?values=true&next=b"))
                .then()
                .body("entries.key", contains("c"))
                .body("next", nullValue());
    }

    @Test
    void streamsEachKeyOnceWhileKeysChange() throws Exception {
        for (int i = 0; i < MANY; i++) {
            bucket.nats.jetStream().publishAsync("$KV." + bucket.name + ".k" + i, new byte[10]);
        }

        whileKeysChange(MANY, () -> {
            List<String> listed = new ArrayList<>();
            for (String line : given().accept("application/x-ndjson")
                    .get(keys(""))
                    .asString()
                    .split("\n")) {
                listed.add(new ObjectMapper().readTree(line).path("key").textValue());
            }
            return listed;
        });
    }

    /**
     * Makes a listing several times. Meanwhile the keys from {@code k0} on are written again, and others are created, deleted
     * and created again.
     */
    private void whileKeysChange(int stable, Callable<List<String>> listing) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> changes = CompletableFuture.runAsync(() -> {
            for (int i = 0; !over.get(); i++) {
                put("k" + i * 7 % stable, "changed");
                String other = "other" + i % OTHERS;
                if (i / OTHERS % 2 == 0) {
                    put(other, "created");
                } else {
                    TestBucket.call(() -> {
                        bucket.twin.delete(other);
                        return null;
                    });
                }
            }
        });
        try {
            for (int round = 0; round < 3; round++) {
                List<String> listed = listing.call();
                assertThat(listed).doesNotHaveDuplicates();
                assertThat(listed).filteredOn(key -> key.startsWith("k")).hasSize(stable);
            }
        } finally {
            over.set(true);
            changes.join();
        }
    }

    @Test
    void streamsValues() throws Exception {
        put("a", "1");

        String lines =
                given().accept("application/x-ndjson").get(keys("?values=true")).asString();

        assertThat(new ObjectMapper().readTree(lines).path("value").textValue()).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"?limit=0", "?limit=1001", "?limit=x", "?filter=a..b", "?filter=>.a", "?values=1"})
    void rejectsABadQuery(String query) {
        when().get(keys(query)).then().statusCode(400);
    }

    @Test
    void hasNoPagesInAStream() {
        given().accept("application/x-ndjson").get(keys("?limit=5")).then().statusCode(400);
    }

    @Test
    void returnsTheHistoryOfAKey() {
        put("a", "1");
        put("b", "other");
        put("a", "2");
        TestBucket.call(() -> {
            bucket.twin.delete("a");
            return null;
        });

        when().get("/v1/buckets/" + bucket.name + "/history/a")
                .then()
                .statusCode(200)
                .body("revisions.revision", contains(1, 3, 4))
                .body("revisions.operation", contains("put", "put", "delete"))
                .body("revisions.value", contains("1", "2", null));
    }

    @Test
    void returnsALongHistoryInPages() {
        bucket.configure(configuration -> configuration.maxMessagesPerSubject(-1));
        IntStream.rangeClosed(1, 300).forEach(i -> put("a", "" + i));

        int next = when().get("/v1/buckets/" + bucket.name + "/history/a")
                .then()
                .statusCode(200)
                .body("revisions.size()", equalTo(256))
                .extract()
                .path("next");

        when().get("/v1/buckets/" + bucket.name + "/history/a?from=" + next)
                .then()
                .statusCode(200)
                .body("revisions.size()", equalTo(44))
                .body("revisions[0].value", equalTo("257"))
                .body("next", nullValue());
    }

    @Test
    void answers404ForTheHistoryOfAnUnknownKey() {
        when().get("/v1/buckets/" + bucket.name + "/history/a")
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/no-key"));
    }

    private String keys(String query) {
        return "/v1/buckets/" + bucket.name + "/keys" + query;
    }

    private void put(String key, String value) {
        TestBucket.call(() -> bucket.twin.put(key, value));
    }
}
