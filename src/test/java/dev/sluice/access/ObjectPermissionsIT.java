package dev.sluice.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.SseClient;
import dev.sluice.support.TokenIssuer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.ObjectStore;
import io.nats.client.api.ObjectStoreConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What callers see of object stores. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@WithTestResource(SecuredResource.class)
class ObjectPermissionsIT {
    private static final String MEDIA = "/v1/object-stores/media";

    @NatsServerResource.Server
    NatsServer server;

    @SecuredResource.Issuer
    TokenIssuer issuer;

    @TestHTTPResource("/")
    URI root;

    private Connection nats;

    @BeforeEach
    void create() throws Exception {
        nats = Nats.connect(server.url());
        for (String store : List.of("media", "vault")) {
            nats.objectStoreManagement()
                    .create(ObjectStoreConfiguration.builder(store).build());
            ObjectStore objects = nats.objectStore(store);
            objects.put("tea.green", new byte[1]);
            objects.put("tea.black", new byte[1]);
            objects.put("tea.*", new byte[1]);
            objects.put("my coffee", new byte[1]);
        }
        nats.objectStore("media")
                .addLink("tea.secret", nats.objectStore("vault").getInfo("tea.green"));
    }

    @AfterEach
    void delete() throws Exception {
        nats.objectStoreManagement().delete("media");
        nats.objectStoreManagement().delete("vault");
        nats.close();
    }

    @Test
    void listsOnlyObjectsThatTheCallerMayRead() {
        RequestSpecification reader = caller(
                Map.of("object-read", List.of("media.tea.green", "media.tea.black")), List.of("media.tea.black"));

        reader.get(MEDIA + "/objects").then().statusCode(200).body("objects.name", contains("tea.green"));
    }

    @Test
    void permitsToWatchANameOnlyIfTheCallerMayReadIt() {
        Map<String, Integer> statuses = new TreeMap<>();
        for (String path : List.of(
                MEDIA + "/events?name=tea.green",
                MEDIA + "/events?name=tea.%2A",
                MEDIA + "/events",
                MEDIA + "/events?name=tea.green&name=tea.black",
                MEDIA + "/events?name=milk",
                "/v1/object-stores/vault/events")) {
            RequestSpecification reader =
                    caller(Map.of("object-read", List.of("media.tea.>")), List.of("media.tea.black"));
            statuses.put(path, reader.head(path).statusCode());
        }

        assertThat(statuses.values()).filteredOn(status -> status == 403).hasSize(3);
        assertThat(statuses)
                .containsEntry(MEDIA + "/events?name=tea.green", 200)
                .containsEntry(MEDIA + "/events", 200);
    }

    @Test
    void reportsToAWatcherOnlyObjectsThatItMayRead() throws Exception {
        String token = issuer.sign(TokenIssuer.claims()
                .claim(
                        "sluice",
                        Map.of(
                                "object-read",
                                Map.of("allow", List.of("media.tea.*"), "deny", List.of("media.tea.black")))));

        try (SseClient watcher = SseClient.of(new HttpExchange(root.getPort())
                .send("GET " + MEDIA + "/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token
                        + "\r\n\r\n"))) {
            assertThat(names(watcher.until(frame -> frame.type().equals("current"))))
                    .containsExactly("tea.green", "tea.*", "tea.secret");
            nats.objectStore("media").put("tea.black", new byte[2]);
            nats.objectStore("media").put("tea.white", new byte[2]);
            assertThat(names(List.of(watcher.await("message")))).containsExactly("tea.white");
        }
    }

    private static List<String> names(List<SseClient.Frame> frames) {
        return frames.stream()
                .filter(frame -> frame.type().equals("message"))
                .map(frame -> JsonPath.from(frame.data()).getString("name"))
                .toList();
    }

    @Test
    void listsOnlyStoresOfTheCaller() {
        caller(Map.of("object-read", List.of("media.tea.>")), List.of())
                .get("/v1/object-stores")
                .then()
                .statusCode(200)
                .body("object_stores.store", contains("media"));
    }

    @Test
    void doesNotTreatANameAsAPattern() {
        RequestSpecification reader = caller(Map.of("object-read", List.of("media.tea.green")), List.of());

        reader.get(MEDIA + "/objects/tea.%2A").then().statusCode(403);
    }

    @Test
    void permitsANameThatIsNotASubject() {
        caller(Map.of("object-read", List.of("media.my%20coffee")), List.of())
                .get(MEDIA + "/objects/my%20coffee")
                .then()
                .statusCode(200);
    }

    @Test
    void anUploadStoresNothingAfterItsTokenHasExpired() throws Exception {
        Instant end = Instant.now().plusSeconds(5).truncatedTo(ChronoUnit.SECONDS);
        String token = issuer.sign(TokenIssuer.claims()
                .claim("sluice", Map.of("object-write", Map.of("allow", List.of("media.>"))))
                .expiresAt(end));
        long before = messages();
        try (HttpExchange upload = new HttpExchange(root.getPort())) {
            upload.send("PUT " + MEDIA + "/objects/late HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token
                    + "\r\nTransfer-Encoding: chunked\r\n\r\n");
            await().until(() -> {
                upload.send("1\r\nx\r\n");
                return Instant.now().isAfter(end);
            });

            assertThat(upload.send("0\r\n\r\n").head().status()).isEqualTo(401);
            assertThat(upload.body()).contains("have expired");
        }
        assertThat(messages()).isEqualTo(before);
    }

    private long messages() throws Exception {
        return nats.jetStreamManagement()
                .getStreamInfo("OBJ_media")
                .getStreamState()
                .getMsgCount();
    }

    @Test
    void doesNotLetAReaderWriteOrAWriterRead() {
        given().spec(caller(Map.of("object-read", List.of("media.>")), List.of()))
                .body("2")
                .put(MEDIA + "/objects/tea.green")
                .then()
                .statusCode(403);
        caller(Map.of("object-write", List.of("media.>")), List.of())
                .get(MEDIA + "/objects/tea.green")
                .then()
                .statusCode(403);
    }

    @Test
    void readsThroughALinkOnlyObjectsThatTheCallerMayRead() {
        caller(Map.of("object-read", List.of("media.>")), List.of())
                .get(MEDIA + "/objects/tea.secret")
                .then()
                .statusCode(403);
        caller(Map.of("object-read", List.of("media.>", "vault.tea.green")), List.of())
                .get(MEDIA + "/objects/tea.secret")
                .then()
                .statusCode(200);
    }

    @Test
    void aDotDotNameDoesNotReachTheStore() {
        caller(Map.of("object-write", List.of("media.>")), List.of())
                .delete(MEDIA + "/objects/%2E%2E")
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/no-object"));
        caller(Map.of("object-read", List.of("media.tea.green")), List.of())
                .delete(MEDIA + "/objects/%2E%2E")
                .then()
                .statusCode(403);
    }

    @Test
    void aStreamPermissionDoesNotPermitToDeleteAStore() {
        caller(Map.of("administer", List.of("media.*")), List.of())
                .delete(MEDIA)
                .then()
                .statusCode(403);
    }

    @Test
    void rejectsReadingAStoreAsAStream() {
        Map<String, List<String>> everything =
                Map.of("consume", List.of(">"), "administer", List.of(">"), "subscribe", List.of(">"));

        caller(everything, List.of())
                .get("/v1/streams/OBJ_media/messages/1")
                .then()
                .statusCode(403);
        caller(everything, List.of())
                .get("/v1/events?subject=$O.media.%3E")
                .then()
                .statusCode(403);
    }

    private RequestSpecification caller(Map<String, List<String>> allowed, List<String> denied) {
        return given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer " + issuer.permitting(allowed, denied));
    }
}
