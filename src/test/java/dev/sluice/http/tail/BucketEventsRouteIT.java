package dev.sluice.http.tail;

import static dev.sluice.http.TestWatches.change;
import static dev.sluice.http.TestWatches.json;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.events.TailService;
import dev.sluice.http.TestBucket;
import dev.sluice.http.TestWatches;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SseClient;
import dev.sluice.support.SseClient.Frame;
import dev.sluice.support.Timeouts;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.PurgeOptions;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamInfoOptions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The watch of a bucket: its present state, then changes, and its reports of removed values. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class BucketEventsRouteIT {

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    TailService tails;

    private TestBucket bucket;
    private TestWatches watches;

    @BeforeEach
    void create() {
        bucket = new TestBucket(server);
        watches = new TestWatches(root, "/v1/buckets/" + bucket.name + "/events", tails);
    }

    @AfterEach
    void delete() {
        watches.close();
        bucket.close();
    }

    @Test
    void sendsThePresentValuesThenCurrentThenChanges() {
        put("a", "1");
        put("b", "2");
        put("a", "3");
        put("gone", "4");
        remove("gone");

        SseClient watcher = watches.open("");

        assertThat(watcher.until(frame -> frame.type().equals("current")))
                .filteredOn(frame -> frame.type().equals("message"))
                .extracting(Frame::data)
                .extracting(data -> json(data).path("key").textValue())
                .containsExactly("b", "a");
        put("b", "5");
        assertThat(change(watcher).toString()).startsWith("{\"key\":\"b\",\"revision\":6,\"time\":\"20");
        remove("a");
        assertThat(change(watcher).path("operation").textValue()).isEqualTo("delete");
    }

    @Test
    void reportsTheRevisionOfTheCurrentState() {
        put("a", "1");
        put("other", "2");

        assertThat(watches.open("?key=a").await("current").data()).isEqualTo("{\"revision\":2}");
        assertThat(watches.open("").await("current").data()).isEqualTo("{\"revision\":2}");
        assertThat(watches.open("?from=new").await("current").data()).isEqualTo("{\"revision\":2}");
    }

    @Test
    void isCurrentAtOnceInAnEmptyBucket() {
        assertThat(watches.open("").await("current").data()).isEqualTo("{\"revision\":0}");
    }

    /** Each change is read before the next: a purge removes the former ones. */
    @Test
    void reportsTheKindOfAChange() {
        SseClient watcher = watches.current("");
        put("a", "text");
        JsonNode text = change(watcher);
        TestBucket.call(() -> bucket.twin.put("a", new byte[] {-1}));
        JsonNode binary = change(watcher);
        remove("a");
        JsonNode deletion = change(watcher);
        TestBucket.call(() -> {
            bucket.twin.purge("a");
            return null;
        });
        JsonNode purge = change(watcher);

        assertThat(text.path("operation").textValue()).isEqualTo("put");
        assertThat(text.path("value").textValue()).isEqualTo("text");
        assertThat(text.path("headers").isObject()).isTrue();
        assertThat(binary.path("value_base64").textValue()).isEqualTo("/w==");
        assertThat(binary.has("value")).isFalse();
        assertThat(deletion.path("operation").textValue()).isEqualTo("delete");
        assertThat(deletion.has("value")).isFalse();
        assertThat(deletion.path("headers").path("KV-Operation").path(0).textValue())
                .isEqualTo("DEL");
        assertThat(purge.path("operation").textValue()).isEqualTo("purge");
        assertThat(purge.path("revision").longValue()).isEqualTo(4);
    }

    @Test
    void reportsThatAValueHasExpired() {
        keepMarkers();
        SseClient watcher = watches.current("");

        given().header("If-None-Match", "*")
                .header("Nats-TTL", "1s")
                .body("1")
                .put(bucket.key("a"))
                .then()
                .statusCode(201);

        assertThat(change(watcher).path("operation").textValue()).isEqualTo("put");
        List<Frame> read = watcher.until(frame -> frame.type().equals("message"));
        JsonNode expiry = json(read.get(read.size() - 1).data());
        assertThat(expiry.path("operation").textValue()).isEqualTo("expire");
        assertThat(expiry.has("value")).isFalse();
        assertThat(read).extracting(Frame::type).doesNotContain("gap");
    }

    /** NATS stores no marker of an expiry while the key has an older revision. */
    @Test
    void reportsThatAValueInPlaceOfADeletionHasExpired() {
        keepMarkers("5s", 5);
        put("a", "1");
        remove("a");
        hold("a", "1s");
        SseClient watcher = watches.open("");

        assertThat(change(watcher).path("operation").textValue()).isEqualTo("put");
        assertThat(change(watcher).path("operation").textValue()).isEqualTo("expire");
    }

    @Test
    void leavesValuesOut() {
        put("a", "1");

        SseClient watcher = watches.open("?values=false");

        JsonNode value = change(watcher);
        assertThat(value.path("key").textValue()).isEqualTo("a");
        assertThat(value.path("operation").textValue()).isEqualTo("put");
        assertThat(value.has("value")).isFalse();
        put("a", "2");
        assertThat(change(watcher).path("revision").longValue()).isEqualTo(2);
    }

    @Test
    void beginsWithChangesOrWithTheHistory() {
        put("a", "1");
        put("a", "2");
        remove("a");

        SseClient changes = watches.current("?from=new");
        SseClient history = watches.open("?from=history");

        assertThat(history.messages(3))
                .extracting(frame -> json(frame.data()).path("revision").longValue())
                .containsExactly(1L, 2L, 3L);
        put("a", "4");
        assertThat(change(changes).path("revision").longValue()).isEqualTo(4);
        assertThat(change(history).path("revision").longValue()).isEqualTo(4);
    }

    @Test
    void resumesAfterTheLastEvent() {
        put("a", "1");
        put("b", "2");
        put("c", "3");
        SseClient first = watches.open("");
        String id = first.messages(2).get(1).field("id").findFirst().orElseThrow();
        first.close();
        put("a", "4");
        remove("b");

        SseClient byHeader = watches.open("", "Last-Event-ID: " + id + "\r\n");
        SseClient byParameter = watches.open("?last_event_id=" + id);

        for (SseClient second : List.of(byHeader, byParameter)) {
            List<Frame> read = second.until(frame -> frame.type().equals("current"));
            assertThat(read).extracting(Frame::type).doesNotContain("gap");
            assertThat(read.stream()
                            .filter(frame -> frame.type().equals("message"))
                            .map(frame -> json(frame.data()).path("revision").longValue()))
                    .containsExactly(3L, 4L, 5L);
        }
    }

    @Test
    void sendsThePresentStateToAWatcherThatResumesAfterTheMarkersHaveExpired() {
        keepMarkers("1s");
        put("b", "1");
        hold("lock", "1s");
        SseClient first = watches.open("");
        String id = first.messages(2).get(1).field("id").findFirst().orElseThrow();
        first.close();
        untilOnlyOneKeyIsStored();

        SseClient second = watches.open("?last_event_id=" + id);

        assertThat(second.await("gap").data()).isEqualTo("{\"reason\":\"purged\"}");
        assertThat(second.until(frame -> frame.type().equals("current")))
                .filteredOn(frame -> frame.type().equals("message"))
                .extracting(frame -> json(frame.data()).path("key").textValue())
                .containsExactly("b");
    }

    @Test
    void resumesWhereNothingWasStoredHoweverLateItIs() {
        keepMarkers("1s");
        put("b", "1");
        hold("lock", "1s");
        untilOnlyOneKeyIsStored();
        SseClient first = watches.current("");
        put("b", "2");
        String id = first.await("message").field("id").findFirst().orElseThrow();
        first.close();
        untilMarkersOfTheLastMessageHaveExpired(Duration.ofSeconds(1));

        List<Frame> read =
                watches.open("?last_event_id=" + id).until(frame -> frame.type().equals("current"));

        assertThat(read).extracting(Frame::type).doesNotContain("gap");
    }

    @Test
    void sendsThePresentStateToAWatcherThatReadsTooSlowlyToSeeTheMarkers() {
        keepMarkers("1s");
        hold("lock", "2s");
        SseClient slow = watches.openWithSmallSocket();
        slow.await("current");
        String value = "x".repeat(100_000);
        for (int i = 0; i < 300; i++) {
            put("k" + i, value);
        }
        await().atMost(Timeouts.LIMIT).until(() -> stored("lock") == 0);

        assertThat(slow.await("gap").data()).isEqualTo("{\"reason\":\"purged\"}");
        assertThat(slow.until(frame -> frame.type().equals("current")))
                .filteredOn(frame -> frame.type().equals("message"))
                .extracting(frame -> json(frame.data()).path("key").textValue())
                .hasSize(300)
                .doesNotContain("lock");
    }

    @Test
    void watchesSeveralKeys() {
        put("tea.green", "1");
        put("coffee", "2");
        put("milk", "3");
        SseClient watcher = watches.open("?key=tea.>&key=milk");

        assertThat(watcher.messages(2))
                .extracting(frame -> json(frame.data()).path("key").textValue())
                .containsExactly("tea.green", "milk");
        assertThat(watcher.await("current").data()).isEqualTo("{\"revision\":3}");
        put("coffee", "4");
        put("tea.black.strong", "5");
        assertThat(change(watcher).path("key").textValue()).isEqualTo("tea.black.strong");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "abcdefghijklmnopqrstuvwxyz.ABCDEFGHIJKLMNOPQRSTUVWXYZ.0123456789",
                "-",
                "_",
                "=",
                "/a/b",
                "a.-_=/.z",
                "_INBOX.a"
            })
    void watchesAKeyOfAnyCharacters(String key) {
        SseClient one = watches.current("?key=" + key);
        SseClient all = watches.current("");

        put(key, "1");

        assertThat(change(one).path("key").textValue()).isEqualTo(key);
        assertThat(change(all).path("key").textValue()).isEqualTo(key);
        assertThat(change(watches.open("?key=" + key)).path("key").textValue()).isEqualTo(key);
    }

    @Test
    void watchesTheLongestKey() {
        String key = "k".repeat(2_048);
        SseClient all = watches.current("");

        put(key, "1");

        assertThat(change(all).path("key").textValue()).isEqualTo(key);
    }

    @Test
    void watchesOfTheSameKeysShareOneConsumer() throws Exception {
        put("a", "1");
        List<SseClient> watchers = List.of(
                watches.current("?key=tea.>&key=a"),
                watches.current("?key=a&key=tea.>"),
                watches.current("?key=a&key=tea.>&values=false"),
                watches.current("?key=a&key=tea.>&key=tea.green&from=history"));

        put("a", "2");

        assertThat(watchers)
                .allSatisfy(watcher ->
                        assertThat(change(watcher).path("revision").longValue()).isEqualTo(2));
        assertThat(tails.cursors()).isEqualTo(1);
        await().atMost(Timeouts.LIMIT)
                .until(() -> bucket.nats
                                .jetStreamManagement()
                                .getStreamInfo("KV_" + bucket.name)
                                .getStreamState()
                                .getConsumerCount()
                        == 1);
    }

    /** The values are many times larger than all buffers, and the bucket holds the last one of each key only. */
    @Test
    void sendsASlowWatcherTheLastStateOfEachKey() {
        bucket.configure(configuration -> configuration.maxMessagesPerSubject(1));
        SseClient slow = watches.openWithSmallSocket();
        slow.await("current");
        byte[] value = "x".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        Map<String, Long> last = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            String key = "k" + i % 7;
            last.put(key, TestBucket.call(() -> bucket.twin.put(key, value)));
        }
        remove("k3");
        last.put("k3", 301L);

        Map<String, Long> told = new HashMap<>();
        long before = 0;
        while (!told.equals(last)) {
            JsonNode change = change(slow);
            long revision = change.path("revision").longValue();
            assertThat(revision).isGreaterThan(before);
            before = revision;
            told.put(change.path("key").textValue(), revision);
        }
        assertThat(before).isEqualTo(301);
    }

    @Test
    void reportsThatTheBucketWasPurged() {
        put("a", "1");
        put("a", "2");
        put("b", "3");
        SseClient watcher = watches.current("");

        manage(management -> management.purgeStream("KV_" + bucket.name));

        assertThat(watcher.await("gap").data()).isEqualTo("{\"from\":1,\"to\":3}");
        put("a", "4");
        assertThat(change(watcher).path("revision").longValue()).isEqualTo(4);
    }

    @Test
    void reportsThatKeysWerePurgedWithoutAMarkerAndAllThatIsThere() {
        put("a", "1");
        put("b", "2");
        put("c", "3");
        SseClient watcher = watches.current("");

        manage(management ->
                management.purgeStream("KV_" + bucket.name, PurgeOptions.subject("$KV." + bucket.name + ".b")));

        Frame gap = watcher.await("gap");
        assertThat(gap.data()).isEqualTo("{\"reason\":\"purged\"}");
        List<Frame> state = watcher.until(frame -> frame.type().equals("current"));
        assertThat(state)
                .filteredOn(frame -> frame.type().equals("message"))
                .extracting(frame -> json(frame.data()).path("key").textValue())
                .containsExactly("a", "c");
        String id = gap.field("id").findFirst().orElseThrow();
        assertThat(watches.open("?last_event_id=" + id).messages(2))
                .extracting(frame -> json(frame.data()).path("key").textValue())
                .containsExactly("a", "c");
    }

    @Test
    void reportsThatABucketWithMarkersWasPurged() {
        keepMarkers();
        put("a", "1");
        put("b", "2");
        SseClient watcher = watches.current("");

        manage(management -> management.purgeStream("KV_" + bucket.name));
        put("c", "3");

        List<Frame> read = watcher.until(frame -> frame.type().equals("gap"));
        assertThat(json(read.get(read.size() - 1).data()).toString())
                .isIn("{\"from\":1,\"to\":2}", "{\"reason\":\"purged\"}");
    }

    @Test
    void reportsThatTheBucketWasCreatedAgain() {
        put("a", "old");
        SseClient watcher = watches.current("");

        manage(management -> management.deleteStream("KV_" + bucket.name));
        TestBucket.call(() -> bucket.nats
                .keyValueManagement()
                .create(KeyValueConfiguration.builder().name(bucket.name).build()));
        put("b", "new");

        assertThat(watcher.await("gap").data()).isEqualTo("{\"reason\":\"stream-recreated\"}");
        assertThat(change(watcher).path("key").textValue()).isEqualTo("b");
        watcher.await("current");
    }

    @Test
    void endsWhenTheBucketIsDeletedAndIsThenNotFound() {
        put("a", "1");
        SseClient watcher = watches.current("");

        given().delete("/v1/buckets/" + bucket.name).then().statusCode(204);

        assertThat(watcher.await("closed").data()).isEqualTo("{\"reason\":\"lifetime\"}");
        watches.refuses("/v1/buckets/" + bucket.name + "/events", 404, "no-bucket");
    }

    @Test
    void reportsThatValuesHaveExpired() {
        bucket.configure(
                configuration -> configuration.maxAge(Duration.ofSeconds(3)).duplicateWindow(Duration.ofSeconds(1)));
        put("a", "1");
        SseClient watcher = watches.current("");
        String id = put(watcher, "b", "2");
        put("a", "3");

        List<Frame> read = watcher.until(frame ->
                frame.type().equals("gap") && json(frame.data()).path("to").longValue() >= 3);

        assertThat(read).extracting(Frame::type).doesNotContain("closed");
        put("c", "4");
        SseClient resumed = watches.open("?last_event_id=" + id);
        assertThat(resumed.await("gap").data()).isEqualTo("{\"from\":3,\"to\":3}");
    }

    @Test
    void reportsThatTheOldestValuesWereRemovedToMakeRoom() {
        reportsRemovedValues(configuration -> configuration.maxMessages(5));
    }

    @Test
    void reportsThatTheOldestValuesWereRemovedToMakeRoomForBytes() {
        reportsRemovedValues(configuration -> configuration.maxBytes(150));
    }

    private void reportsRemovedValues(UnaryOperator<StreamConfiguration.Builder> limit) {
        bucket.configure(configuration -> limit.apply(configuration.discardPolicy(DiscardPolicy.Old)));
        SseClient watcher = watches.current("");

        IntStream.range(0, 8).forEach(i -> put("k" + i, "1"));

        Frame gap = watcher.until(frame -> frame.type().equals("gap")).stream()
                .reduce((first, second) -> second)
                .orElseThrow();
        assertThat(json(gap.data()).path("from").longValue()).isEqualTo(1);
    }

    @Test
    void reportsNoGapIfLaterValuesReplaceEarlierOnes() {
        long gaps = tails.gaps();
        put("a", "0");
        SseClient watcher = watches.current("");
        IntStream.range(1, 30).forEach(i -> put("a", "" + i));
        TestWatches.awaitStateCheck(server, "KV_" + bucket.name);
        assertThat(tails.gaps()).isEqualTo(gaps);
        put("end", "1");

        assertThat(watcher.until(frame -> frame.data().contains("\"key\":\"end\"")))
                .extracting(Frame::type)
                .doesNotContain("gap");
    }

    @Test
    void answersWithTheHeadersOfAStream() {
        watches.hasTheHeadersOfAStream("bucket; name=" + bucket.name);
    }

    @Test
    void answersAHeadAsAGet() {
        given().head("/v1/buckets/" + bucket.name + "/events").then().statusCode(200);
        given().head("/v1/buckets/none/events").then().statusCode(404);
    }

    @ParameterizedTest
    @CsvSource({
        "menu, ?unknown=1, 400, invalid",
        "menu, ?subject=a, 400, invalid",
        "menu, ?key=a..b, 400, invalid",
        "menu, ?key=, 400, invalid",
        "menu, ?key=a%20b, 400, invalid",
        "menu, ?key=a.>.b, 400, invalid",
        "menu, ?key=a*, 400, invalid",
        "menu, ?key=ok&key=.a, 400, invalid",
        "menu, ?from=all, 400, invalid",
        "menu, ?from=new&from=new, 400, invalid",
        "menu, ?values=no, 400, invalid",
        "menu, ?last_event_id=17, 400, invalid",
        "a.b, '', 400, invalid",
        "none, '', 404, no-bucket",
        "sluice_internal, '', 404, no-bucket",
        "STREAM, '', 404, no-bucket"
    })
    void rejectsBeforeTheStreamStarts(String name, String query, int status, String problem) throws Exception {
        manage(management -> management.addStream(StreamConfiguration.builder()
                .name("KV_STREAM")
                .subjects("stream.>")
                .storageType(StorageType.Memory)
                .build()));

        watches.refuses("/v1/buckets/" + name + "/events" + query, status, problem);

        manage(management -> management.deleteStream("KV_STREAM"));
    }

    @Test
    void rejectsMoreKeysThanConfigured() {
        watches.refuses("/v1/buckets/" + bucket.name + "/events?key=a" + "&key=b".repeat(64), 400, "invalid");
    }

    @Test
    void staysOpenThroughAnOutage() {
        inFiles();
        put("a", "1");
        SseClient watcher = watches.current("");

        server.kill();
        assertThat(watcher.await("status").data()).isEqualTo("{\"nats\":\"reconnecting\"}");
        SseClient meanwhile = watches.open("");
        assertThat(meanwhile.await("status").data()).isEqualTo("{\"nats\":\"reconnecting\"}");
        server.start();

        assertThat(watcher.await("status").data()).isEqualTo("{\"nats\":\"connected\"}");
        assertThat(change(meanwhile).path("key").textValue()).isEqualTo("a");
        meanwhile.await("current");
        await().atMost(Timeouts.LIMIT).ignoreExceptions().until(() -> bucket.twin.put("a", "2") == 2);
        assertThat(change(watcher).path("revision").longValue()).isEqualTo(2);
    }

    /** The bucket stores a marker in place of a value that limits remove. Skips the test if the server is too old. */
    private void keepMarkers() {
        keepMarkers("1h");
    }

    private void keepMarkers(String ttl) {
        keepMarkers(ttl, 1);
    }

    private void keepMarkers(String ttl, int history) {
        assumeTrue(bucket.since("2.11.0"), "markers need nats-server 2.11");
        given().contentType(ContentType.JSON)
                .body("{\"marker_ttl\":\"%s\",\"history\":%d}".formatted(ttl, history))
                .put("/v1/buckets/" + bucket.name)
                .then()
                .statusCode(200);
    }

    /** Stores a value that expires. */
    private void hold(String key, String ttl) {
        given().header("If-None-Match", "*")
                .header("Nats-TTL", ttl)
                .body("mine")
                .put(bucket.key(key))
                .then()
                .statusCode(201);
    }

    private void untilOnlyOneKeyIsStored() {
        await().atMost(Timeouts.LIMIT).until(() -> stored(">") == 1);
    }

    /** Waits until a marker that was stored with the last message would have expired, by the clock of the server. */
    private void untilMarkersOfTheLastMessageHaveExpired(Duration ttl) {
        await().atMost(Timeouts.LIMIT).until(() -> {
            StreamInfo stream = bucket.nats.jetStreamManagement().getStreamInfo("KV_" + bucket.name);
            return stream.getTimestamp()
                    .isAfter(stream.getStreamState().getLastTime().plus(ttl));
        });
    }

    private long stored(String keys) {
        return TestBucket.call(() -> bucket.nats
                .jetStreamManagement()
                .getStreamInfo("KV_" + bucket.name, StreamInfoOptions.filterSubjects("$KV." + bucket.name + "." + keys))
                .getStreamState()
                .getSubjects()
                .size());
    }

    private void inFiles() {
        manage(management -> management.deleteStream("KV_" + bucket.name));
        TestBucket.call(() -> bucket.nats
                .keyValueManagement()
                .create(KeyValueConfiguration.builder()
                        .name(bucket.name)
                        .storageType(StorageType.File)
                        .build()));
    }

    private String put(SseClient watcher, String key, String value) {
        put(key, value);
        return watcher.await("message").field("id").findFirst().orElseThrow();
    }

    private void put(String key, String value) {
        TestBucket.call(() -> bucket.nats
                .jetStream()
                .publish("$KV." + bucket.name + "." + key, value.getBytes(StandardCharsets.UTF_8)));
    }

    private void remove(String key) {
        TestBucket.call(() -> {
            bucket.twin.delete(key);
            return null;
        });
    }

    private interface Management {
        Object use(JetStreamManagement management) throws IOException, JetStreamApiException;
    }

    private void manage(Management work) {
        TestBucket.call(() -> work.use(bucket.nats.jetStreamManagement()));
    }
}
