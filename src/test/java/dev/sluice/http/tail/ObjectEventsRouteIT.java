package dev.sluice.http.tail;

import static dev.sluice.http.TestWatches.change;
import static dev.sluice.http.TestWatches.json;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.events.TailService;
import dev.sluice.http.TestStore;
import dev.sluice.http.TestWatches;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SseClient;
import dev.sluice.support.SseClient.Frame;
import io.nats.client.api.ObjectMeta;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The watch of an object store: its present objects, then changes. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ObjectEventsRouteIT {
    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    TailService tails;

    private TestStore store;
    private TestWatches watches;

    @BeforeEach
    void create() {
        store = new TestStore(server);
        watches = new TestWatches(root, "/v1/object-stores/" + store.name + "/events", tails);
    }

    @AfterEach
    void delete() {
        watches.close();
        store.close();
    }

    @Test
    void sendsThePresentObjectsThenCurrentThenChanges() throws Exception {
        put("a");
        put("b");
        put("a");
        put("gone");
        store.twin.delete("gone");

        SseClient watcher = watches.open("");

        assertThat(names(watcher.until(frame -> frame.type().equals("current"))))
                .containsExactly("b", "a");
        put("b");
        assertThat(change(watcher).toString()).matches("\\{\"name\":\"b\",\"revision\":\\d+,\"modified\":\"20.*");
        store.twin.delete("a");
        JsonNode deletion = change(watcher);
        assertThat(deletion.path("name").textValue()).isEqualTo("a");
        assertThat(deletion.path("operation").textValue()).isEqualTo("delete");
        assertThat(deletion.has("size")).isFalse();
    }

    @Test
    void isCurrentAtTheLastRevisionOfTheStore() throws Exception {
        assertThat(watches.open("").await("current").data()).isEqualTo("{\"revision\":0}");
        put("a");

        assertThat(watches.open("").await("current").data()).isEqualTo("{\"revision\":2}");
        assertThat(watches.open("?from=new").await("current").data()).isEqualTo("{\"revision\":2}");
        assertThat(watches.open("?name=none").await("current").data()).isEqualTo("{\"revision\":2}");
    }

    @Test
    void anEventHasTheSameFieldsAsTheListing() throws Exception {
        store.twin.put(
                ObjectMeta.builder("a")
                        .description("all that there is")
                        .headers(new Headers().add("Content-Type", "text/plain").add("X", "1", "2"))
                        .build(),
                new ByteArrayInputStream(TestStore.random(300_000)));
        store.twin.addLink("link", store.twin.getInfo("a"));
        store.twin.addBucketLink("whole", store.twin);
        store.write("bare", "\"size\":1,\"chunks\":1,\"metadata\":{\"k\":\"v\"}", new byte[1]);

        List<JsonNode> told = watches.open("").messages(4).stream()
                .map(frame -> json(frame.data()))
                .map(node -> ((ObjectNode) node).without(List.of("revision", "operation")))
                .map(JsonNode.class::cast)
                .toList();

        JsonNode listed =
                json(given().get("/v1/object-stores/" + store.name + "/objects").asString());
        assertThat(told)
                .containsExactlyInAnyOrderElementsOf(
                        StreamSupport.stream(listed.path("objects").spliterator(), false)
                                .toList());
    }

    @Test
    void omitsMessagesThatAreNotObjects() throws Exception {
        SseClient watcher = watches.current("");

        for (String metadata :
                List.of("no JSON", "{}", "[]", "{\"name\":\"\"}", "{\"name\":\"" + "x".repeat(1025) + "\"}")) {
            store.nats.jetStream().publish("$O." + store.name + ".M.x", metadata.getBytes(StandardCharsets.UTF_8));
        }
        put("a");

        assertThat(change(watcher).path("name").textValue()).isEqualTo("a");
    }

    @Test
    void resumesAfterTheLastEvent() throws Exception {
        put("a");
        put("b");
        put("c");
        SseClient first = watches.open("");
        String id = first.messages(2).get(1).field("id").findFirst().orElseThrow();
        first.close();
        put("a");
        store.twin.delete("b");

        SseClient byHeader = watches.open("", "Last-Event-ID: " + id + "\r\n");
        SseClient byParameter = watches.open("?last_event_id=" + id);

        for (SseClient second : List.of(byHeader, byParameter)) {
            assertThat(names(second.until(frame -> frame.type().equals("current"))))
                    .containsExactly("c", "a", "b");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tea/green.txt",
                "a b",
                "..",
                "%",
                "grün",
                "\uD83C\uDF75",
                "???>>>",
                "line\nbreak",
                "\"quoted\"",
                "*"
            })
    void watchesAnyName(String name) throws Exception {
        String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8);
        SseClient one = watches.current("?name=" + encoded);
        SseClient beginning = watches.current("?prefix=" + encoded);
        SseClient all = watches.current("");

        put("another");
        store.twin.put(name, new byte[1]);

        assertThat(change(one).path("name").textValue()).isEqualTo(name);
        assertThat(change(beginning).path("name").textValue()).isEqualTo(name);
        all.await("message");
        assertThat(change(all).path("name").textValue()).isEqualTo(name);
        assertThat(store.put(root, name, new byte[2]).statusCode()).isEqualTo(200);
        assertThat(change(one).path("size").longValue()).isEqualTo(2);
    }

    @Test
    void watchesSeveralNames() throws Exception {
        put("a");
        put("b");
        put("c");
        SseClient watcher = watches.open("?name=a&name=c");

        assertThat(names(watcher.until(frame -> frame.type().equals("current"))))
                .containsExactly("a", "c");
        put("b");
        put("c");
        assertThat(change(watcher).path("name").textValue()).isEqualTo("c");
    }

    @Test
    void watchesOfAStoreShareOneConsumer() throws Exception {
        put("tea");
        List<SseClient> watchers = List.of(
                watches.current(""),
                watches.current("?from=new"),
                watches.current("?prefix=t"),
                watches.current("?prefix=te"));

        put("tea");

        assertThat(watchers).allSatisfy(watcher -> assertThat(
                        names(List.of(watcher.until(frame -> frame.data().contains("\"revision\":4")).stream()
                                .reduce((first, second) -> second)
                                .orElseThrow())))
                .containsExactly("tea"));
        assertThat(tails.cursors()).isEqualTo(1);
    }

    @Test
    void reportsNoGapIfObjectsReplaceOthers() throws Exception {
        long gaps = tails.gaps();
        put("a");
        SseClient watcher = watches.current("");
        for (int i = 0; i < 20; i++) {
            put("a");
        }
        store.twin.delete("a");
        TestWatches.awaitStateCheck(server, store.stream());
        assertThat(tails.gaps()).isEqualTo(gaps);
        put("end");

        assertThat(watcher.until(frame -> frame.data().contains("\"name\":\"end\"")))
                .extracting(Frame::type)
                .doesNotContain("gap", "closed");
    }

    @Test
    void reportsThatTheStoreWasPurged() throws Exception {
        put("a");
        SseClient watcher = watches.current("");

        store.nats.jetStreamManagement().purgeStream(store.stream());

        assertThat(watcher.await("gap").data()).isEqualTo("{\"from\":1,\"to\":2}");
        put("b");
        assertThat(change(watcher).path("name").textValue()).isEqualTo("b");
    }

    @Test
    void reportsThatObjectsHaveExpired() throws Exception {
        store.nats
                .jetStreamManagement()
                .updateStream(StreamConfiguration.builder(store.nats
                                .jetStreamManagement()
                                .getStreamInfo(store.stream())
                                .getConfiguration())
                        .maxAge(Duration.ofSeconds(3))
                        .duplicateWindow(Duration.ofSeconds(1))
                        .build());
        put("a");
        SseClient watcher = watches.current("");

        List<Frame> read = watcher.until(frame ->
                frame.type().equals("gap") && json(frame.data()).path("to").longValue() >= 2);

        assertThat(read).extracting(Frame::type).doesNotContain("closed");
    }

    @Test
    void endsWhenTheStoreIsDeletedAndIsThenNotFound() throws Exception {
        put("a");
        SseClient watcher = watches.current("");

        given().delete("/v1/object-stores/" + store.name).then().statusCode(204);

        assertThat(watcher.await("closed").data()).isEqualTo("{\"reason\":\"lifetime\"}");
        watches.refuses("/v1/object-stores/" + store.name + "/events", 404, "no-object-store");
    }

    @Test
    void answersWithTheHeadersOfAStream() {
        watches.hasTheHeadersOfAStream("object-store; name=" + store.name);
    }

    @Test
    void answersAHeadAsAGet() {
        given().head("/v1/object-stores/" + store.name + "/events").then().statusCode(200);
        given().head("/v1/object-stores/none/events").then().statusCode(404);
    }

    @ParameterizedTest
    @CsvSource({
        "media, ?unknown=1, 400, invalid",
        "media, ?key=a, 400, invalid",
        "media, ?name=, 400, invalid",
        "media, ?name=a&prefix=a, 400, invalid",
        "media, ?prefix=a&prefix=b, 400, invalid",
        "media, ?from=history, 400, invalid",
        "media, ?last_event_id=17, 400, invalid",
        "a.b, '', 400, invalid",
        "none, '', 404, no-object-store"
    })
    void rejectsBeforeTheStreamStarts(String name, String query, int status, String problem) {
        watches.refuses("/v1/object-stores/" + name + "/events" + query, status, problem);
    }

    @Test
    void filtersNamesOfAnyLength() throws Exception {
        String name = "x".repeat(768);
        put(name);

        assertThat(change(watches.open("?name=" + name)).path("name").textValue())
                .isEqualTo(name);
        watches.refuses("/v1/object-stores/" + store.name + "/events?name=" + name + "x", 400, "invalid");
        put(name + "x");
        assertThat(change(watches.open("?prefix=" + name + "x")).path("name").textValue())
                .isEqualTo(name + "x");
        watches.refuses("/v1/object-stores/" + store.name + "/events?name=a" + "&name=b".repeat(64), 400, "invalid");
    }

    private void put(String name) throws Exception {
        store.twin.put(name, new byte[1]);
    }

    private static List<String> names(List<Frame> frames) {
        return frames.stream()
                .filter(frame -> frame.type().equals("message"))
                .map(frame -> json(frame.data()).path("name").textValue())
                .toList();
    }
}
