package dev.sluice.http.state;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.http.TestBucket;
import dev.sluice.http.TestStore;
import dev.sluice.stream.object.ObjectReader;
import dev.sluice.stream.object.ObjectStores;
import dev.sluice.support.Http2Exchange;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.nats.client.api.ObjectInfo;
import io.nats.client.api.ObjectMeta;
import io.nats.client.impl.Headers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects over REST, written and read by this service and by the Java client of NATS. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ObjectRouteIT {
    private static final int CHUNK = 128 * 1024;
    private static final int SIZE = 2 * CHUNK + 1000;
    /** The default of {@code sluice.object.stall}. */
    private static final Duration STALL = Duration.ofSeconds(10);

    private static final Duration SOON = Duration.ofSeconds(30);

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    ObjectStores stores;

    @Inject
    ObjectReader reader;

    private final byte[] data = TestStore.random(SIZE);
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
    void storesAnObjectThatAnotherClientReads() throws Exception {
        HttpResponse<byte[]> answer = store.put(
                root,
                "video",
                data,
                "Content-Type",
                "video/mp4",
                "NatsH-X-Camera",
                "7",
                "Content-Disposition",
                "inline");

        assertThat(answer.statusCode()).isEqualTo(201);
        JsonNode receipt = new ObjectMapper().readTree(answer.body());
        assertThat(receipt.path("store").textValue()).isEqualTo(store.name);
        assertThat(receipt.path("name").textValue()).isEqualTo("video");
        assertThat(receipt.path("size").longValue()).isEqualTo(SIZE);
        assertThat(receipt.path("chunks").longValue()).isEqualTo(3);
        assertThat(header(answer, "ETag"))
                .isEqualTo('"' + receipt.path("digest").textValue() + '"');
        assertThat(header(answer, "Repr-Digest")).isEqualTo("sha-256=:" + base64("SHA-256", data) + ":");
        assertThat(store.read("video")).isEqualTo(data);
        ObjectInfo info = store.twin.getInfo("video");
        assertThat(info.getDigest()).isEqualTo(receipt.path("digest").textValue());
        assertThat(info.getHeaders().getFirst("Content-Type")).isEqualTo("video/mp4");
        assertThat(info.getHeaders().getFirst("X-Camera")).isEqualTo("7");
        assertThat(info.getObjectMeta().getObjectMetaOptions().getChunkSize()).isEqualTo(CHUNK);
    }

    @Test
    void readsAnObjectOfAnotherClient() throws Exception {
        store.twin.put(
                ObjectMeta.builder("page")
                        .headers(new Headers().put("Content-Type", "text/plain").put("X-Author", "somebody"))
                        .chunkSize(1000)
                        .build(),
                new ByteArrayInputStream(data));

        HttpResponse<byte[]> answer = store.get(root, "page");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(data);
        assertThat(header(answer, "Content-Type")).isEqualTo("text/plain");
        assertThat(header(answer, "NatsH-X-Author")).isEqualTo("somebody");
        assertThat(header(answer, "Content-Length")).isEqualTo(Integer.toString(SIZE));
        assertThat(header(answer, "Accept-Ranges")).isEqualTo("bytes");
        assertThat(header(answer, "ETag"))
                .isEqualTo('"' + store.twin.getInfo("page").getDigest() + '"');
        assertThat(header(answer, "Last-Modified")).endsWith("GMT");
        assertThat(header(answer, "Repr-Digest")).isEqualTo("sha-256=:" + base64("SHA-256", data) + ":");
    }

    @Test
    void keepsABrowserFromRunningAnObject() throws Exception {
        store.put(root, "page", data, "Content-Type", "text/html");
        store.put(
                root, "shown", data, "Content-Type", "image/png", "Content-Disposition", "inline; filename=\"a.png\"");

        HttpResponse<byte[]> page = store.get(root, "page");

        assertThat(header(page, "Content-Security-Policy")).contains("sandbox").doesNotContain("script");
        assertThat(header(page, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(page, "Content-Disposition")).isEqualTo("attachment");
        assertThat(header(store.get(root, "shown"), "Content-Disposition")).isEqualTo("inline; filename=\"a.png\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                "a/b",
                "a//b",
                "/",
                ".",
                "..",
                "a/../b",
                "../..",
                "a.b..c.",
                "größe €",
                "100%",
                "*",
                "a.>",
                "?x=1#y;z+",
                "~~~???>>>",
                "\uD83D\uDE00"
            })
    void acceptsAnyName(String name) throws Exception {
        assertThat(store.put(root, name, data).statusCode()).isEqualTo(201);
        assertThat(store.get(root, name).body()).isEqualTo(data);
        store.twin.put(name + "2", data);
        assertThat(store.get(root, name + "2").body()).isEqualTo(data);
        assertThat(store.put(root, name + "2", data).statusCode()).isEqualTo(200);
        assertThat(store.send(root, "DELETE", store.path(name), BodyPublishers.noBody())
                        .statusCode())
                .isEqualTo(204);
    }

    @Test
    void storesAnEmptyObject() throws Exception {
        assertThat(store.put(root, "empty", new byte[0]).statusCode()).isEqualTo(201);

        assertThat(store.read("empty")).isEmpty();
        HttpResponse<byte[]> answer = store.get(root, "empty");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Length")).isEqualTo("0");
    }

    @Test
    void replacesAnObjectAndRemovesItsChunks() throws Exception {
        store.put(root, "a", data);

        HttpResponse<byte[]> answer = store.put(root, "a", TestStore.random(10));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(store.read("a")).isEqualTo(TestStore.random(10));
        assertThat(store.messages()).isEqualTo(2);
    }

    @Test
    void acceptsABodyOfUnknownLength() throws Exception {
        HttpResponse<byte[]> answer = store.send(
                root, "PUT", store.path("a"), BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(data)));

        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(store.read("a")).isEqualTo(data);
    }

    @Test
    void asksForTheBodyOnlyIfTheConditionHolds() throws Exception {
        String head = "PUT " + store.path("a") + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                + "Expect: 100-continue\r\n";

        try (HttpExchange refused = new HttpExchange(root.getPort());
                HttpExchange taken = new HttpExchange(root.getPort())) {
            assertThat(refused.send(head + "If-Match: *\r\n\r\n").head().status())
                    .isEqualTo(412);
            assertThat(taken.send(head + "\r\n").head().status()).isEqualTo(100);
            assertThat(taken.send("hello").head().status()).isEqualTo(201);
        }
        assertThat(store.read("a")).isEqualTo(bytes("hello"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Repr-Digest|sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
                "Content-Digest|unixsum=:AAA=:, sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
                "Content-MD5|Q2hlY2sgSW50ZWdyaXR5IQ=="
            })
    void keepsThePreviousObjectIfADigestDoesNotMatch(String claim) throws Exception {
        store.put(root, "a", TestStore.random(10));
        String[] header = claim.split("\\|");

        HttpResponse<byte[]> answer = store.put(root, "a", data, header[0], header[1]);

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(text(answer)).contains("/problems/bad-digest", header[0]);
        assertThat(store.read("a")).isEqualTo(TestStore.random(10));
        assertThat(store.messages()).isEqualTo(2);
    }

    @Test
    void acceptsMatchingDigests() throws Exception {
        HttpResponse<byte[]> answer = store.put(
                root,
                "a",
                data,
                "Repr-Digest",
                "sha-256=:" + base64("SHA-256", data) + ":, sha-512=:" + base64("SHA-512", data) + ":",
                "Content-MD5",
                base64("MD5", data));

        assertThat(answer.statusCode()).isEqualTo(201);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Repr-Digest|sha-256=abc", "Repr-Digest|sha-256=:AAAA:", "Content-MD5|!"})
    void rejectsAnInvalidDigest(String claim) throws Exception {
        String[] header = claim.split("\\|");

        assertThat(store.put(root, "a", data, header[0], header[1]).statusCode())
                .isEqualTo(400);
    }

    @Test
    void writesOnlyIfTheConditionHolds() throws Exception {
        assertThat(store.put(root, "a", data, "If-Match", "*").statusCode()).isEqualTo(412);
        HttpResponse<byte[]> first = store.put(root, "a", data, "If-None-Match", "*");
        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(store.put(root, "a", data, "If-None-Match", "*").statusCode())
                .isEqualTo(412);
        assertThat(store.put(root, "a", data, "If-Match", "\"other\"").statusCode())
                .isEqualTo(412);

        HttpResponse<byte[]> second = store.put(root, "a", TestStore.random(5), "If-Match", header(first, "ETag"));

        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(store.put(root, "a", data, "If-Match", header(first, "ETag")).statusCode())
                .isEqualTo(412);
        assertThat(store.messages()).isEqualTo(2);
    }

    @Test
    void aRefusedCreationTellsThatThereIsAnObject() throws Exception {
        store.put(root, "a", data);

        assertThat(text(store.put(root, "a", data, "If-None-Match", "*")))
                .contains("There is an object, which does not meet the condition");
    }

    @Test
    void rejectsAPartOfAnObject() throws Exception {
        store.put(root, "a", data);

        HttpResponse<byte[]> answer = store.put(root, "a", bytes("part"), "Content-Range", "bytes 0-3/" + SIZE);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(text(answer)).contains("/problems/invalid\"", "Content-Range");
        assertThat(store.read("a")).isEqualTo(data);
    }

    @Test
    void oneOfConcurrentUploadsReplacesTheObject() throws Exception {
        List<CompletableFuture<Integer>> uploads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            byte[] body = TestStore.random(SIZE + i);
            uploads.add(CompletableFuture.supplyAsync(() -> TestBucket.call(() -> statusOf(body))));
        }
        for (CompletableFuture<Integer> upload : uploads) {
            assertThat(upload.join()).isIn(200, 201);
        }

        byte[] winner = store.read("a");

        assertThat(winner).isEqualTo(TestStore.random(winner.length));
        assertThat(store.messages()).isEqualTo(4);
    }

    private int statusOf(byte[] body) {
        try {
            return store.put(root, "a", body).statusCode();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void removesTheChunksOfAClientThatDisconnects() throws Exception {
        store.put(root, "a", TestStore.random(10));
        long abandoned = stores.counters().abandoned();

        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("PUT " + store.path("a") + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n")
                    .send(data);
            await().atMost(SOON).until(() -> store.messages() == 4);
        }

        await().atMost(SOON).until(() -> store.messages() == 2);
        assertThat(store.read("a")).isEqualTo(TestStore.random(10));
        assertThat(stores.counters().abandoned()).isEqualTo(abandoned + 1);
        await().atMost(SOON).until(() -> stores.uploads() == 0);
    }

    @Test
    @Tag("slow")
    void readsOneWholeObjectWhileItIsReplaced() throws Exception {
        store.put(root, "a", TestStore.random(10));
        for (int i = 0; i < 20; i++) {
            byte[] next = TestStore.random(11 + i);
            CompletableFuture<Integer> replacing = CompletableFuture.supplyAsync(() -> statusOf(next));

            HttpResponse<byte[]> answer = store.get(root, "a");

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(TestStore.random(answer.body().length));
            assertThat(replacing.join()).isEqualTo(200);
        }
    }

    /** Another client names new chunks without storing them, faster than they can be read. */
    @Test
    void anObjectThatIsReplacedDuringEachReadIsNotMissing() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        store.describe("a", "0", "\"size\":1,\"chunks\":1");
        CompletableFuture<Void> replacing = CompletableFuture.runAsync(() -> {
            for (int i = 1; !ended.get(); i++) {
                String id = Integer.toString(i);
                TestBucket.call(() -> {
                    store.describe("a", id, "\"size\":1,\"chunks\":1");
                    return null;
                });
            }
        });
        try {
            await().atMost(SOON).until(() -> store.get(root, "a").statusCode() == 503);
        } finally {
            ended.set(true);
            replacing.join();
        }
    }

    @Test
    void endsADownloadAtOnceIfItsObjectIsReplaced() throws Exception {
        store.put(root, "a", TestStore.random(64 << 20));
        try (HttpExchange slow = new HttpExchange(root.getPort(), 4096)) {
            slow.send("GET " + store.path("a") + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .head();
            store.put(root, "a", TestStore.random(10));
            long began = System.nanoTime();

            assertThatThrownBy(() -> {
                        for (int i = 0; i < 64 << 20; i++) {
                            slow.read();
                        }
                    })
                    .isInstanceOf(EOFException.class);

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(STALL);
        }
        assertThat(store.get(root, "a").body()).hasSize(10);
    }

    @Test
    void storesAndReadsOverHttp2() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        byte[] large = TestStore.random(1_000_000);
        URI object = URI.create("http://localhost:" + root.getPort() + store.path("a"));
        client.send(HttpRequest.newBuilder(object).build(), HttpResponse.BodyHandlers.discarding());

        HttpResponse<String> stored = client.send(
                HttpRequest.newBuilder(object)
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(large))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        HttpResponse<byte[]> whole =
                client.send(HttpRequest.newBuilder(object).build(), HttpResponse.BodyHandlers.ofByteArray());
        HttpResponse<byte[]> part = client.send(
                HttpRequest.newBuilder(object)
                        .header("Range", "bytes=500000-599999")
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());

        assertThat(List.of(stored.version(), whole.version(), part.version())).containsOnly(HttpClient.Version.HTTP_2);
        assertThat(stored.statusCode()).isEqualTo(201);
        assertThat(whole.body()).isEqualTo(large);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(large, 500_000, 600_000));
    }

    /** Its memory is the window of a download. */
    @Test
    void isADownloadUntilTheClientHasTakenTheLastByte() throws Exception {
        store.put(root, "a", TestStore.random(10));
        try (Http2Exchange client = new Http2Exchange(root.getPort(), 0, false)) {
            client.request("GET", store.path("a"), true).head();
            await().during(Duration.ofMillis(200)).atMost(SOON).until(() -> reader.downloads() == 1);

            client.grant(CHUNK).finish();

            await().atMost(SOON).until(() -> reader.downloads() == 0);
        }
    }

    @Test
    void removesTheChunksOfAnObjectThatIsTooLargeForItsStore() throws Exception {
        given().contentType("application/json")
                .body("{\"max_bytes\":200000,\"storage\":\"memory\"}")
                .put("/v1/object-stores/" + store.name)
                .then()
                .statusCode(200);

        assertThat(store.put(root, "a", data).statusCode()).isEqualTo(507);

        assertThat(store.messages()).isZero();
    }

    @Test
    void answersHeadWithoutTheContent() throws Exception {
        store.put(root, "a", data);

        HttpResponse<byte[]> answer = store.send(root, "HEAD", store.path("a"), BodyPublishers.noBody());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Length")).isEqualTo(Integer.toString(SIZE));
        assertThat(header(answer, "Accept-Ranges")).isEqualTo("bytes");
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void answers304ToAClientThatHasTheObject() throws Exception {
        String tag = header(store.put(root, "a", data), "ETag");

        HttpResponse<byte[]> same = store.get(root, "a", "If-None-Match", "\"x\", W/" + tag);

        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(header(same, "ETag")).isEqualTo(tag);
        assertThat(store.get(root, "a", "If-None-Match", "\"x\"").statusCode()).isEqualTo(200);
        assertThat(store.get(root, "a", "If-Match", "\"x\"").statusCode()).isEqualTo(412);
    }

    @Test
    void deletesAnObjectOnce() throws Exception {
        String tag = header(store.put(root, "a", data), "ETag");

        assertThat(remove("a", "If-Match", "\"x\"")).isEqualTo(412);
        assertThat(remove("a", "If-Match", tag)).isEqualTo(204);
        assertThat(remove("a")).isEqualTo(404);

        assertThat(store.get(root, "a").statusCode()).isEqualTo(404);
        assertThat(store.twin.getInfo("a")).isNull();
        assertThat(store.twin.getInfo("a", true).isDeleted()).isTrue();
        assertThat(store.messages()).isEqualTo(1);
        assertThat(store.put(root, "a", data).statusCode()).isEqualTo(201);
    }

    /** Another client can store any text as the id of the chunks. As a filter it would select those of all objects. */
    @ParameterizedTest
    @ValueSource(strings = {"*", ">", "a b", ""})
    void anObjectWhoseChunksCannotBeNamedHasNone(String id) throws Exception {
        store.put(root, "a", data);
        store.describe("b", id, "\"size\":1,\"chunks\":1");

        assertThat(text(store.get(root, "b"))).contains("/problems/no-object\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", ">", "a b", ""})
    void replacesOnlyAnObjectWhoseChunksCannotBeNamed(String id) throws Exception {
        store.put(root, "a", data);
        store.describe("b", id, "\"size\":1,\"chunks\":1");

        assertThat(store.put(root, "b", TestStore.random(5)).statusCode()).isEqualTo(200);

        assertThat(store.read("a")).isEqualTo(data);
        assertThat(store.read("b")).isEqualTo(TestStore.random(5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", ">", "a b", ""})
    void deletesOnlyAnObjectWhoseChunksCannotBeNamed(String id) throws Exception {
        store.put(root, "a", data);
        store.describe("b", id, "\"size\":1,\"chunks\":1");

        assertThat(remove("b")).isEqualTo(204);

        assertThat(store.read("a")).isEqualTo(data);
        assertThat(store.get(root, "b").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"not json", "{\"name\":\"another\",\"deleted\":true}"})
    void replacesWhatAnotherClientHasStoredInPlaceOfMetadata(String stored) throws Exception {
        store.nats.jetStream().publish(store.metadata("a"), bytes(stored));

        assertThat(store.put(root, "a", data).statusCode()).isEqualTo(201);

        assertThat(store.read("a")).isEqualTo(data);
    }

    /** The JavaScript client gives the subject of one name to another one. */
    @Test
    void doesNotReplaceAnObjectOfAnotherNameOnItsSubject() throws Exception {
        store.nats.jetStream().publish(store.metadata("a"), bytes("{\"name\":\"another\",\"nuid\":\"x\"}"));

        assertThat(store.put(root, "a", data).statusCode()).isEqualTo(412);
    }

    @Test
    void createsAnObjectInPlaceOfMetadataThatCannotBeRead() throws Exception {
        store.nats.jetStream().publish(store.metadata("a"), bytes("not json"));

        assertThat(store.put(root, "a", data, "If-None-Match", "*").statusCode())
                .isEqualTo(201);
    }

    private int remove(String name, String... headers) throws Exception {
        return store.send(root, "DELETE", store.path(name), BodyPublishers.noBody(), headers)
                .statusCode();
    }

    @Test
    void seesWhatAnotherClientDeletes() throws Exception {
        store.put(root, "a", data);

        store.twin.delete("a");

        assertThat(text(store.get(root, "a"))).contains("/problems/no-object\"");
    }

    @Test
    void followsLinks() throws Exception {
        store.put(root, "a", data);
        store.twin.addLink("link", store.twin.getInfo("a"));
        store.twin.addBucketLink("directory", store.twin);
        store.write("loop", "\"options\":{\"link\":{\"bucket\":\"" + store.name + "\",\"name\":\"loop\"}}");

        assertThat(store.get(root, "link").body()).isEqualTo(data);
        assertThat(store.get(root, "directory").statusCode()).isEqualTo(404);
        assertThat(store.get(root, "loop").statusCode()).isEqualTo(404);
        assertThat(remove("link")).isEqualTo(204);
        assertThat(store.read("a")).isEqualTo(data);
    }

    @Test
    void comparesAConditionWithTheObjectToWhichALinkLeads() throws Exception {
        store.put(root, "a", data);
        store.twin.addLink("link", store.twin.getInfo("a"));
        String tag = header(store.get(root, "link"), "ETag");

        assertThat(remove("link", "If-Match", "\"x\"")).isEqualTo(412);
        assertThat(store.put(root, "link", TestStore.random(5), "If-Match", tag).statusCode())
                .isEqualTo(200);
        assertThat(store.get(root, "link").body()).isEqualTo(TestStore.random(5));
        store.twin.addLink("removed", store.twin.getInfo("a"));
        assertThat(remove("removed", "If-Match", tag)).isEqualTo(204);

        assertThat(store.get(root, "removed").statusCode()).isEqualTo(404);
        assertThat(store.read("a")).isEqualTo(data);
    }

    @Test
    void closesTheConnectionIfTheDigestDoesNotMatch() throws Exception {
        store.write("bad", "\"size\":8,\"chunks\":2,\"digest\":\"SHA-256=AAAA\"", bytes("1234"), bytes("5678"));
        long corrupt = stores.counters().corrupt();

        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("GET " + store.path("bad") + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .head();

            assertThat(exchange.status()).isEqualTo(200);
            assertThatThrownBy(exchange::body).isInstanceOf(UncheckedIOException.class);
        }
        assertThat(stores.counters().corrupt()).isEqualTo(corrupt + 1);
    }

    @Test
    void returnsNothingOfAnObjectWhoseOnlyChunkHasAFlippedByte() throws Exception {
        writeFlipped(1, 0);
        long corrupt = stores.counters().corrupt();

        HttpResponse<byte[]> answer = store.get(root, "flipped");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(text(answer)).contains("/problems/no-object\"");
        assertThat(stores.counters().corrupt()).isEqualTo(corrupt + 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void endsADownloadBeforeItsEndIfAChunkHasAFlippedByte(int flipped) throws Exception {
        writeFlipped(3, flipped);
        long corrupt = stores.counters().corrupt();

        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("GET " + store.path("flipped") + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .head();

            assertThatThrownBy(exchange::body).isInstanceOf(UncheckedIOException.class);
        }
        assertThat(stores.counters().corrupt()).isEqualTo(corrupt + 1);
    }

    /** Stores the digest of an object, and its chunks with one byte of the chunk {@code flipped} inverted. */
    private void writeFlipped(int chunks, int flipped) throws Exception {
        byte[] whole = TestStore.random(chunks * CHUNK);
        byte[][] stored = new byte[chunks][];
        for (int i = 0; i < chunks; i++) {
            stored[i] = Arrays.copyOfRange(whole, i * CHUNK, (i + 1) * CHUNK);
        }
        stored[flipped][CHUNK / 2] ^= 1;
        String digest = Base64.getUrlEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(whole));
        store.write(
                "flipped",
                "\"size\":%d,\"chunks\":%d,\"digest\":\"SHA-256=%s\"".formatted(whole.length, chunks, digest),
                stored);
    }

    @Test
    void reportsAndCountsMissingChunks() throws Exception {
        long before = stores.counters().corrupt();
        store.write("bad", "\"size\":8,\"chunks\":3", bytes("1234"), bytes("5678"));

        assertThat(text(store.get(root, "bad"))).contains("/problems/no-object\"", "3 chunks");

        assertThat(stores.counters().corrupt()).isEqualTo(before + 1);
    }

    /** The chunk that exceeds the size is the first one, so nothing is sent. */
    @Test
    void sendsNothingBeyondTheSizeOfTheObject() throws Exception {
        byte[] chunk = new byte[100];
        store.write("bad", "\"size\":5,\"chunks\":3", chunk, chunk, chunk);

        assertThat(text(store.get(root, "bad"))).contains("/problems/no-object\"", "100 bytes in place of 5");
    }

    @Test
    void aMessageThatIsNoMetadataHidesNoObject() throws Exception {
        store.put(root, "a", data);
        store.nats.jetStream().publish("$O." + store.name + ".M.eA==", bytes("}"));

        given().get("/v1/object-stores/" + store.name + "/objects")
                .then()
                .statusCode(200)
                .body("objects.name", equalTo(List.of("a")));
    }

    @Test
    void rejectsAWriteWhoseConditionIsADate() throws Exception {
        for (String method : List.of("PUT", "DELETE")) {
            HttpResponse<byte[]> answer = store.send(
                    root,
                    method,
                    store.path("a"),
                    BodyPublishers.noBody(),
                    "If-Unmodified-Since",
                    "Thu, 27 Aug 2026 09:00:00 GMT");

            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(text(answer)).contains("If-Match");
        }
    }

    @Test
    void answers404ForAnUnknownStore() throws Exception {
        for (String method : List.of("GET", "PUT", "DELETE")) {
            HttpResponse<byte[]> answer =
                    store.send(root, method, "/v1/object-stores/none/objects/a", BodyPublishers.ofString("x"));

            assertThat(text(answer)).contains("/problems/no-object-store");
        }
    }

    @Test
    void readsAndDeletesAnObjectWithALatinNameOfTheJavaScriptClient() throws Exception {
        writeAsJavaScript("gr\u00fcn.txt");

        assertThat(store.get(root, "gr\u00fcn.txt").body()).containsExactly(7);
        assertThat(store.put(root, "gr\u00fcn.txt", data, "If-None-Match", "*").statusCode())
                .isEqualTo(412);
        assertThat(remove("gr\u00fcn.txt")).isEqualTo(204);
        assertThat(store.get(root, "gr\u00fcn.txt").statusCode()).isEqualTo(404);
    }

    @Test
    void distinguishesNamesThatHaveTheSameSubject() throws Exception {
        store.put(root, "\u00fc", data);

        assertThat(store.get(root, "\u00c3\u00bc").statusCode()).isEqualTo(404);
        writeAsJavaScript("\u00c3\u00bc ");
        assertThat(store.get(root, "\u00fc ").statusCode()).isEqualTo(404);
    }

    /** Writes an object of one byte as the JavaScript client does, which encodes a name as Latin-1. */
    private void writeAsJavaScript(String name) throws Exception {
        store.nats.jetStream().publish("$O." + store.name + ".C.idjs", new byte[] {7});
        store.nats
                .jetStream()
                .publish(
                        "$O." + store.name + ".M."
                                + Base64.getUrlEncoder().encodeToString(name.getBytes(StandardCharsets.ISO_8859_1)),
                        ("{\"name\":\"" + name + "\",\"bucket\":\"" + store.name
                                        + "\",\"nuid\":\"idjs\",\"size\":1,\"chunks\":1}")
                                .getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void refusesToAnswerAnUploadInAnotherForm() throws Exception {
        assertThat(store.put(root, "a", data, "Accept", "text/csv").statusCode())
                .isEqualTo(406);
    }

    @Test
    void namesTheHeaderThatAnUploadMustNotHave() throws Exception {
        assertThat(text(store.put(root, "a", data, "Idempotency-Key", "1")))
                .contains("Idempotency-Key")
                .doesNotContain("Nats-Msg-Id");
    }

    @Test
    void changesNothingInASealedStore() throws Exception {
        store.put(root, "a", data);
        store.twin.seal();

        assertThat(store.put(root, "b", data).statusCode()).isEqualTo(409);
        assertThat(store.put(root, "a", new byte[0]).statusCode()).isEqualTo(409);
        assertThat(remove("a")).isEqualTo(409);
        assertThat(store.get(root, "a").body()).isEqualTo(data);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, SIZE})
    void removesNothingAfterAnUploadThatStoredNoChunk(int size) throws Exception {
        store.twin.seal();
        long unpurged = stores.counters().unpurged();
        long abandoned = stores.counters().abandoned();

        assertThat(store.put(root, "a", TestStore.random(size)).statusCode()).isEqualTo(409);

        assertThat(stores.counters().abandoned()).isEqualTo(abandoned + 1);
        assertThat(stores.counters().unpurged()).isEqualTo(unpurged);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%FF", "a%00b%C3", "..", "./a", "a/../b"})
    void rejectsAPathThatNamesNoObject(String name) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("DELETE /v1/object-stores/" + store.name + "/objects/" + name
                            + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .head();

            assertThat(exchange.status()).isEqualTo(400);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private static String header(HttpResponse<byte[]> answer, String name) {
        return answer.headers().firstValue(name).orElseThrow();
    }

    private static String base64(String algorithm, byte[] data) throws Exception {
        return Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance(algorithm).digest(data));
    }
}
