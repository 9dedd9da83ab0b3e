package dev.sluice.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.NodeClient;
import dev.sluice.support.SseClient;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.api.StreamState;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The service and the official JavaScript client change the same bucket, object store and stream at random. After each
 * change both see the same. {@code -Dtwin.seed=N} repeats a run.
 */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class OfficialClientTwinIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int STEPS = 150;
    private static final int OBJECT_STEPS = 50;
    private static final List<String> KEYS = List.of("a", "tea/green", "tea.black", "_INBOX.x", "=k-_");
    private static final List<String> FILTERS = List.of(">", "tea.>", "*", "_INBOX.x", "*.*");
    /** ASCII only: the client encodes a name with btoa, which fails on others, or takes them for Latin-1. */
    private static final List<String> NAMES = List.of("a", "tea/green.txt", "b c", "a?b#c%20d", ". ..");

    private static final List<String> LINKS = List.of("link", "link/2");
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Map<String, String> HEADERS =
            Map.of("Colour", "green", "x-y", "1 2", "Content-Type", "text/x-tea");
    private static final String[] HEADERS_OVER_HTTP = {
        "NatsH-Colour", "green", "NatsH-x-Y", "1 2", "Content-Type", "text/x-tea"
    };

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    private final long seed = Long.getLong("twin.seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private NodeClient node;
    private String step = "the start";

    @BeforeEach
    void connect() {
        node = NodeClient.connected(server);
    }

    @AfterEach
    void close() {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void bothSeeTheSameBucket() throws Exception {
        try (TestBucket bucket = new TestBucket(server)) {
            Map<String, Long> revisions = new HashMap<>();
            for (int i = 0; i < STEPS; i++) {
                String key = any(KEYS);
                changeKey(bucket, key, revisions);
                compareKey(bucket, key);
                String filter = any(FILTERS);
                same(
                        node.ask("kvKeys", Map.of("bucket", bucket.name, "filter", filter))
                                .get("keys"),
                        json(get("/v1/buckets/" + bucket.name + "/keys?filter=" + encoded(filter)))
                                .get("keys"));
            }
        }
    }

    private void changeKey(TestBucket bucket, String key, Map<String, Long> revisions) throws Exception {
        boolean here = random.nextBoolean();
        byte[] value = bytes(random.nextInt(3) * 700);
        long known = revisions.getOrDefault(key, 0L);
        Map<String, Object> arguments = new HashMap<>(Map.of("bucket", bucket.name, "key", key, "data", base64(value)));
        String change = any(List.of("put", "put", "create", "update", "update", "delete", "purge"));
        if (change.equals("update") && known == 0) {
            change = "put";
        }
        long expected = change.equals("update") && random.nextInt(4) == 0 ? known + 1 : known;
        begin(change + " of " + key + " over " + expected + (here ? " over HTTP" : " by the client"));
        if (change.equals("delete") || change.equals("purge")) {
            if (here) {
                String query = change.equals("purge") ? "?purge=true" : "";
                assertThat(send("DELETE", bucket.key(key) + query, new byte[0]).statusCode())
                        .as(step)
                        .isEqualTo(204);
            } else {
                node.ask(change.equals("purge") ? "kvPurge" : "kvDelete", arguments);
            }
            revisions.put(key, entry(bucket, key, "").path("revision").asLong());
            return;
        }
        JsonNode written = here ? putHere(bucket, key, change, expected, value) : putThere(change, expected, arguments);
        boolean refused = change.equals("update") && expected != known;
        if (!change.equals("create")) {
            assertThat(written.path("refused").asBoolean()).as(step).isEqualTo(refused);
        }
        if (!written.path("refused").asBoolean()) {
            revisions.put(key, written.get("revision").asLong());
            assertThat(entry(bucket, key, "").path("value").asText()).as(step).isEqualTo(base64(value));
        }
    }

    private JsonNode putHere(TestBucket bucket, String key, String change, long expected, byte[] value)
            throws Exception {
        String[] condition =
                switch (change) {
                    case "create" -> new String[] {"If-None-Match", "*"};
                    case "update" -> new String[] {"If-Match", "\"" + expected + "\""};
                    default -> new String[0];
                };
        HttpResponse<byte[]> answer = random.nextBoolean()
                ? send("PUT", bucket.key(key), value, condition)
                : send("PUT", bucket.key(key), value, with(condition, HEADERS_OVER_HTTP));
        if (answer.statusCode() == 412) {
            return JSON.createObjectNode().put("refused", true);
        }
        assertThat(answer.statusCode()).as(step + text(answer)).isIn(200, 201);
        return json(answer);
    }

    private JsonNode putThere(String change, long expected, Map<String, Object> arguments) {
        if (change.equals("update")) {
            arguments.put("revision", expected);
        }
        if (change.equals("put") && random.nextBoolean()) {
            arguments.put("headers", HEADERS);
        }
        return node.ask("kv" + change.substring(0, 1).toUpperCase(Locale.ROOT) + change.substring(1), arguments);
    }

    private static String[] with(String[] some, String[] others) {
        return Stream.concat(Stream.of(some), Stream.of(others)).toArray(String[]::new);
    }

    private void compareKey(TestBucket bucket, String key) throws Exception {
        same(entryThere(bucket, key, 0), entry(bucket, key, ""));
        ArrayNode history = history(bucket, key);
        same(node.ask("kvHistory", Map.of("bucket", bucket.name, "key", key)).get("entries"), history);
        for (JsonNode old : history) {
            long revision = old.get("revision").asLong();
            same(entryThere(bucket, key, revision), entry(bucket, key, "?revision=" + revision));
        }
    }

    /** Returns the entry of the client with headers as HTTP has them: names in lower case, and none with a 404. */
    private JsonNode entryThere(TestBucket bucket, String key, long revision) {
        ObjectNode entry =
                (ObjectNode) node.ask("kvGet", Map.of("bucket", bucket.name, "key", key, "revision", revision));
        JsonNode spelled = entry.remove("headers");
        if (entry.has("value")) {
            ObjectNode headers = entry.putObject("headers");
            spelled.fields().forEachRemaining(header -> headers.set(lower(header.getKey()), header.getValue()));
        }
        return entry;
    }

    /** Returns an entry as the client shows it. */
    private ObjectNode entry(TestBucket bucket, String key, String query) throws Exception {
        HttpResponse<byte[]> answer = get(bucket.key(key) + query);
        ObjectNode entry = JSON.createObjectNode();
        answer.headers().firstValue("Nats-Operation").ifPresent(operation -> {
            entry.put("operation", operation(operation));
            entry.put(
                    "revision",
                    answer.headers().firstValueAsLong("Nats-Revision").orElse(0));
        });
        if (answer.statusCode() == 200) {
            entry.put("value", base64(answer.body()));
            entry.set("headers", messageHeaders(answer));
        } else {
            assertThat(answer.statusCode()).as(step + text(answer)).isEqualTo(404);
        }
        return entry;
    }

    /** Returns the message headers of a response, their names in lower case. */
    private static ObjectNode messageHeaders(HttpResponse<byte[]> answer) {
        ObjectNode headers = JSON.createObjectNode();
        answer.headers().map().forEach((name, values) -> {
            String lower = lower(name);
            if (lower.startsWith("natsh-")) {
                headers.set(lower.substring("natsh-".length()), JSON.valueToTree(values));
            } else if (lower.equals("content-type") && !values.contains("application/octet-stream")) {
                headers.set(lower, JSON.valueToTree(values));
            }
        });
        return headers;
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private ArrayNode history(TestBucket bucket, String key) throws Exception {
        ArrayNode history = JSON.createArrayNode();
        HttpResponse<byte[]> answer = get("/v1/buckets/" + bucket.name + "/history/" + key);
        json(answer).path("revisions").forEach(entry -> {
            ObjectNode shown = history.addObject()
                    .put("operation", operation(entry.get("operation").asText()))
                    .put("revision", entry.get("revision").asLong())
                    .put("time", millis(entry.get("time").asText()));
            shown.set("headers", entry.get("headers"));
            if (entry.has("value")) {
                shown.put("value", base64(entry.get("value").asText().getBytes(UTF_8)));
            } else if (entry.has("value_base64")) {
                shown.put("value", entry.get("value_base64").asText());
            }
        });
        return history;
    }

    @Test
    void bothSeeThatValuesAndMarkersExpire() throws Exception {
        try (TestBucket bucket = new TestBucket(server)) {
            assumeTrue(bucket.since("2.11.0"), "times to live need nats-server 2.11; older ones: KeyRouteIT");
            bucket.configure(settings ->
                    settings.maxMessagesPerSubject(1).allowMessageTtl().subjectDeleteMarkerTtl(Duration.ofHours(1)));
            for (String key : List.of("created/here", "purged/here")) {
                String ttl = key.startsWith("c") ? "1s" : "1h";
                HttpResponse<byte[]> created =
                        send("PUT", bucket.key(key), new byte[1], "If-None-Match", "*", "Nats-TTL", ttl);
                assertThat(created.statusCode()).as(text(created)).isEqualTo(201);
            }
            for (String key : List.of("created/there", "purged/there")) {
                node.ask(
                        "kvCreate",
                        Map.of("bucket", bucket.name, "key", key, "ttl", key.startsWith("c") ? "1s" : "1h"));
            }
            compareKey(bucket, "purged/here");
            compareKey(bucket, "purged/there");
            send("DELETE", bucket.key("purged/here") + "?purge=true", new byte[0], "Nats-TTL", "1s");
            node.ask("kvPurge", Map.of("bucket", bucket.name, "key", "purged/there", "ttl", "1s"));

            for (String key : List.of("created/here", "created/there", "purged/here", "purged/there")) {
                begin("expiry of " + key);
                String expired = key.startsWith("c") ? "PURGE" : "";
                await().atMost(SOON)
                        .until(() -> entry(bucket, key, "").path("operation").asText(), expired::equals);
                compareKey(bucket, key);
            }
        }
    }

    /** Both watch from the beginning and compare each change; then two that begin at the end compare what is there. */
    @Test
    void bothWatchesOfABucketReportTheSame() throws Exception {
        try (TestBucket bucket = new TestBucket(server)) {
            String events = "/v1/buckets/" + bucket.name + "/events";
            Map<String, Long> revisions = new HashMap<>();
            node.ask("kvWatch", Map.of("watch", "changes", "bucket", bucket.name));
            try (SseClient changes = watch(events)) {
                changes.await("current");
                for (int i = 0; i < STEPS; i++) {
                    String key = any(KEYS);
                    Long before = revisions.get(key);
                    changeKey(bucket, key, revisions);
                    if (!Objects.equals(before, revisions.get(key))) {
                        same(
                                node.ask("watched", Map.of("watch", "changes")),
                                keyChange(changes.await("message").data()));
                    }
                }
            }
            node.ask("kvWatch", Map.of("watch", "state", "bucket", bucket.name));
            ArrayNode there = JSON.createArrayNode();
            for (int i = 0; i < revisions.size(); i++) {
                JsonNode entry = node.ask("watched", Map.of("watch", "state"));
                if (entry.get("operation").asText().equals("PUT")) {
                    there.add(entry);
                }
            }
            same(there, state(events, OfficialClientTwinIT::keyChange));
        }
    }

    /** Returns a change as the client shows it. */
    private static ObjectNode keyChange(String data) {
        JsonNode change = read(data);
        ObjectNode shown = JSON.createObjectNode()
                .put("key", change.get("key").asText())
                .put("operation", operation(change.get("operation").asText()))
                .put("revision", change.get("revision").asLong())
                .put("time", millis(change.get("time").asText()));
        shown.set("headers", change.get("headers"));
        if (change.has("value")) {
            shown.put("value", base64(change.get("value").asText().getBytes(UTF_8)));
        } else if (change.has("value_base64")) {
            shown.put("value", change.get("value_base64").asText());
        }
        return shown;
    }

    private SseClient watch(String path) {
        return SseClient.of(
                        new HttpExchange(root.getPort()).send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .within(SOON);
    }

    /** Returns the events of a watch before it is current. */
    private ArrayNode state(String path, Function<String, JsonNode> view) {
        ArrayNode state = JSON.createArrayNode();
        try (SseClient watch = watch(path)) {
            watch.until(frame -> frame.type().equals("current")).stream()
                    .filter(frame -> frame.type().equals("message"))
                    .forEach(frame -> state.add(view.apply(frame.data())));
        }
        return state;
    }

    private static String operation(String shown) {
        return switch (shown) {
            case "put" -> "PUT";
            case "delete" -> "DEL";
            default -> "PURGE";
        };
    }

    @Test
    void bothSeeTheSameObjects() throws Exception {
        try (TestStore store = new TestStore(server)) {
            for (int i = 0; i < OBJECT_STEPS; i++) {
                String name = changeObjects(store);
                compareObject(store, name);
                for (String link : LINKS) {
                    compareObject(store, link);
                }
                sameInAnyOrder(
                        node.ask("objectList", Map.of("store", store.name)).get("objects"), objects(store));
            }
        }
    }

    /** Both watch from the beginning and compare each change; then two that begin at the end compare what is there. */
    @Test
    void bothWatchesOfAStoreReportTheSame() throws Exception {
        try (TestStore store = new TestStore(server)) {
            String events = "/v1/object-stores/" + store.name + "/events";
            Map<String, Long> revisions = new HashMap<>();
            node.ask("objectWatch", Map.of("watch", "changes", "store", store.name));
            try (SseClient changes = watch(events)) {
                changes.await("current");
                for (int i = 0; i < OBJECT_STEPS; i++) {
                    String name = changeObjects(store);
                    long revision = revision(store, name);
                    Long before = revisions.put(name, revision);
                    if (!Objects.equals(before, revision) && revision > 0) {
                        same(
                                node.ask("watched", Map.of("watch", "changes")),
                                objectChange(changes.await("message").data()));
                    }
                }
            }
            revisions.values().removeIf(revision -> revision == 0);
            node.ask("objectWatch", Map.of("watch", "state", "store", store.name));
            ArrayNode there = JSON.createArrayNode();
            for (int i = 0; i < revisions.size(); i++) {
                JsonNode object = node.ask("watched", Map.of("watch", "state"));
                if (!object.has("deleted")) {
                    there.add(object);
                }
            }
            same(there, state(events, OfficialClientTwinIT::objectChange));
        }
    }

    /** Returns the sequence of the metadata, 0 if there are none. */
    private static long revision(TestStore store, String name) {
        return TestBucket.call(() -> {
            StreamState state = store.nats
                    .jetStreamManagement()
                    .getStreamInfo(store.stream(), StreamInfoOptions.filterSubjects(metadata(store, name)))
                    .getStreamState();
            return state.getSubjects().isEmpty()
                    ? 0
                    : store.nats
                            .jetStreamManagement()
                            .getLastMessage(store.stream(), metadata(store, name))
                            .getSeq();
        });
    }

    private static String metadata(TestStore store, String name) {
        return "$O." + store.name + ".M." + Base64.getUrlEncoder().encodeToString(name.getBytes(UTF_8));
    }

    /** Returns a change as the client shows it. */
    private static JsonNode objectChange(String data) {
        JsonNode change = read(data);
        return change.path("operation").asText().equals("delete")
                ? JSON.createObjectNode()
                        .put("name", change.get("name").asText())
                        .put("deleted", true)
                : shown(change);
    }

    /** Changes an object, or a link. Returns its name. */
    private String changeObjects(TestStore store) throws Exception {
        if (random.nextInt(5) == 0) {
            String link = any(LINKS);
            changeLink(store, link, any(NAMES));
            return link;
        }
        String name = any(NAMES);
        changeObject(store, name);
        return name;
    }

    /** Links to the object if there is one, or else deletes the link. */
    private void changeLink(TestStore store, String link, String target) throws Exception {
        Map<String, String> asked = Map.of("store", store.name, "name", link, "target", target);
        boolean linked = node.ask("objectInfo", asked).has("info");
        if (!linked && isThere(store, target)) {
            begin("link from " + link + " to " + target);
            node.ask("objectLink", asked);
        } else if (linked) {
            boolean here = random.nextBoolean();
            begin("delete of the link " + link + (here ? " over HTTP" : " by the client"));
            if (here) {
                assertThat(send("DELETE", store.path(link), new byte[0]).statusCode())
                        .as(step)
                        .isEqualTo(204);
            } else {
                node.ask("objectDelete", asked);
            }
        }
    }

    private boolean isThere(TestStore store, String name) {
        return node.ask("objectInfo", Map.of("store", store.name, "name", name)).has("info");
    }

    private void changeObject(TestStore store, String name) throws Exception {
        boolean here = random.nextBoolean();
        if (random.nextInt(4) == 0) {
            begin("delete of " + name + (here ? " over HTTP" : " by the client"));
            boolean there = isThere(store, name);
            if (here) {
                assertThat(send("DELETE", store.path(name), new byte[0]).statusCode())
                        .as(step)
                        .isEqualTo(there ? 204 : 404);
            } else if (there) {
                node.ask("objectDelete", Map.of("store", store.name, "name", name));
            }
            return;
        }
        byte[] data = bytes(any(List.of(0, 1, 1000, 131_072, 131_073, 300_000)));
        begin("put of " + data.length + " bytes as " + name + (here ? " over HTTP" : " by the client"));
        if (here) {
            HttpResponse<byte[]> answer = send(
                    "PUT",
                    store.path(name),
                    data,
                    "Content-Type",
                    "text/plain",
                    "NatsH-Colour",
                    "green " + data.length);
            assertThat(answer.statusCode()).as(step + text(answer)).isIn(200, 201);
        } else {
            node.ask(
                    "objectPut",
                    Map.of(
                            "store",
                            store.name,
                            "name",
                            name,
                            "data",
                            base64(data),
                            "description",
                            "of " + step,
                            "metadata",
                            Map.of("a", "żółw"),
                            "headers",
                            Map.of("Content-Type", "text/css")));
        }
        HttpResponse<byte[]> written = store.get(root, name);
        assertThat(written.body()).as(step).isEqualTo(data);
    }

    private void compareObject(TestStore store, String name) throws Exception {
        JsonNode there = node.ask("objectGet", Map.of("store", store.name, "name", name));
        HttpResponse<byte[]> here = store.get(root, name);
        assertThat(here.statusCode()).as(step).isEqualTo(there.has("data") ? 200 : 404);
        if (there.has("data")) {
            assertThat(base64(here.body())).as(step).isEqualTo(there.get("data").asText());
            assertThat(here.headers().firstValue("ETag").orElse("")).as(step).isNotEmpty();
            if (here.body().length > 0 && there.at("/info/link").isMissingNode()) {
                assertThat(here.headers().firstValue("ETag").orElse(""))
                        .as(step)
                        .isEqualTo("\"" + there.at("/info/digest").asText() + "\"");
            }
        }
    }

    private ArrayNode objects(TestStore store) throws Exception {
        ArrayNode objects = JSON.createArrayNode();
        json(get("/v1/object-stores/" + store.name + "/objects")).get("objects").forEach(object -> {
            objects.add(shown(object));
            JsonNode stored = node.ask(
                    "last",
                    Map.of(
                            "stream",
                            store.stream(),
                            "subject",
                            metadata(store, object.get("name").asText())));
            assertThat(millis(object.get("modified").asText()))
                    .as(step)
                    .isEqualTo(stored.get("time").asText());
        });
        return objects;
    }

    /** Returns an object as the client shows it. */
    private static ObjectNode shown(JsonNode object) {
        ObjectNode shown = JSON.createObjectNode();
        shown.put("name", object.get("name").asText());
        shown.put("size", object.path("size").asLong());
        shown.put("chunks", object.path("chunks").asLong());
        if (object.path("size").asLong() > 0) {
            shown.put("digest", object.get("digest").asText());
        }
        if (object.has("description")) {
            shown.put("description", object.get("description").asText());
        }
        shown.set("headers", object.has("headers") ? object.get("headers") : JSON.createObjectNode());
        shown.set("metadata", object.has("metadata") ? object.get("metadata") : JSON.createObjectNode());
        if (object.has("link")) {
            shown.set("link", object.get("link"));
        }
        return shown;
    }

    @Test
    void bothSeeTheSameMessages() throws Exception {
        try (TestWork work = new TestWork(server)) {
            TestBucket.call(() -> work.nats
                    .jetStreamManagement()
                    .updateStream(StreamConfiguration.builder(work.nats
                                    .jetStreamManagement()
                                    .getStreamInfo(work.stream)
                                    .getConfiguration())
                            .allowDirect(true)
                            .build()));
            for (int i = 1; i <= STEPS; i++) {
                publish(work, i);
                compareMessage(work, i);
            }
        }
    }

    private void publish(TestWork work, long expected) throws Exception {
        boolean here = random.nextBoolean();
        String subject = work.stream + "." + any(List.of("a", "b.c", "żółw"));
        byte[] data = bytes(random.nextInt(200));
        begin("publish to " + subject + (here ? " over HTTP" : " by the client"));
        if (here) {
            HttpResponse<byte[]> answer = send(
                    "POST", "/v1/publish/" + encoded(subject), data, "NatsH-Colour", "green", "Content-Type", "text/x");
            assertThat(answer.statusCode()).as(step + text(answer)).isEqualTo(201);
            assertThat(json(answer).get("seq").asLong()).as(step).isEqualTo(expected);
        } else {
            JsonNode receipt = node.ask(
                    "store",
                    Map.of(
                            "subject",
                            subject,
                            "data",
                            base64(data),
                            "headers",
                            Map.of("Colour", "żółty", "x-y", "1 2")));
            assertThat(receipt.get("seq").asLong()).as(step).isEqualTo(expected);
        }
        assertThat(node.ask("stored", Map.of("stream", work.stream, "seq", expected))
                        .get("data")
                        .asText())
                .as(step)
                .isEqualTo(base64(data));
    }

    private void compareMessage(TestWork work, long sequence) throws Exception {
        Map<String, Object> asked = Map.of("stream", work.stream, "seq", sequence);
        JsonNode there = node.ask("stored", asked);
        same(there, node.ask("direct", asked));
        JsonNode page = json(get("/v1/streams/" + work.stream + "/messages?from=seq:" + sequence + "&limit=1"));
        JsonNode listed = page.at("/messages/0");
        ObjectNode shown = JSON.createObjectNode();
        shown.set("subject", listed.get("subject"));
        shown.put("seq", listed.get("seq").asLong());
        shown.put("time", millis(listed.get("time").asText()));
        shown.put(
                "data",
                listed.has("data")
                        ? base64(listed.get("data").asText().getBytes(UTF_8))
                        : listed.get("data_base64").asText());
        shown.set("headers", listed.get("headers"));
        same(there, shown);
        HttpResponse<byte[]> single = get("/v1/streams/" + work.stream + "/messages/" + sequence);
        assertThat(base64(single.body())).as(step).isEqualTo(there.get("data").asText());
    }

    private void begin(String change) {
        step = change + " (-Dtwin.seed=" + seed + ")";
    }

    private void same(JsonNode there, JsonNode here) throws IOException {
        JsonNode expected = there;
        if (there.has("time") && !here.has("time")) {
            expected = ((ObjectNode) there).deepCopy().without("time");
        }
        JsonNode actual = parsed(here);
        alignTimes(actual, expected);
        assertThat(actual).as(step).isEqualTo(expected);
    }

    /**
     * Takes over times that differ by one millisecond. The client computes some times from nanoseconds in a double, which
     * has no room for the last ones: it rounds those up that are just before a millisecond.
     */
    private static void alignTimes(JsonNode actual, JsonNode expected) {
        if (actual instanceof ObjectNode shown
                && shown.path("time").isTextual()
                && expected.path("time").isTextual()) {
            Duration apart = Duration.between(
                    Instant.parse(shown.get("time").asText()),
                    Instant.parse(expected.get("time").asText()));
            if (apart.abs().toMillis() <= 1) {
                shown.set("time", expected.get("time"));
            }
        }
        actual.fieldNames().forEachRemaining(name -> alignTimes(actual.get(name), expected.path(name)));
        for (int i = 0; actual.isArray() && i < actual.size(); i++) {
            alignTimes(actual.get(i), expected.path(i));
        }
    }

    /** Compares lists whatever their order is. */
    private void sameInAnyOrder(JsonNode there, JsonNode here) throws IOException {
        assertThat(parsed(here)).as(step).containsExactlyInAnyOrderElementsOf(there);
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + json, e);
        }
    }

    /** Returns the same JSON with the numbers that a parser makes. */
    private static JsonNode parsed(JsonNode built) throws IOException {
        return JSON.readTree(built.toString());
    }

    private HttpResponse<byte[]> get(String path) throws Exception {
        return send("GET", path, new byte[0]);
    }

    private HttpResponse<byte[]> send(String method, String path, byte[] body, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(root.resolve(path)).method(method, BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), BodyHandlers.ofByteArray());
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return random.nextBoolean() ? bytes : base64(bytes).substring(0, length).getBytes(UTF_8);
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private static String millis(String time) {
        Instant at = Instant.parse(time).truncatedTo(ChronoUnit.MILLIS);
        return at.toString().replaceFirst("(:\\d\\d)Z", "$1.000Z");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    private static JsonNode json(HttpResponse<byte[]> answer) throws IOException {
        return JSON.readTree(answer.body());
    }

    private static String text(HttpResponse<byte[]> answer) {
        return ": " + new String(answer.body(), UTF_8);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
