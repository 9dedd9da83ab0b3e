package dev.sluice;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.NodeClient;
import dev.sluice.support.SseClient;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Interoperability of the service with the official JavaScript client. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class InteropIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] BINARY = {0, (byte) 0xFF, '\r', '\n', (byte) 0x80};
    private static final byte[] TEXT = "żółw 🚀".getBytes(StandardCharsets.UTF_8);

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    private NodeClient node;
    private TestStreams streams;

    @BeforeEach
    void connect() {
        node = NodeClient.connected(server);
        streams = new TestStreams(server);
        streams.create("INTEROP", "interop.>");
    }

    @AfterEach
    void close() {
        if (streams != null) {
            streams.delete("INTEROP");
            streams.close();
        }
        if (node != null) {
            node.close();
        }
    }

    @Test
    void deliversACoreMessageOfAnotherClient() throws IOException {
        try (SseClient events = SseClient.connected(root.getPort(), "?subject=plain.%3E")) {
            node.ask(
                    "publish",
                    Map.of("subject", "plain.żółw", "data", base64(TEXT), "headers", Map.of("Colour", "green")));
            JsonNode text = JSON.readTree(events.messages(1).get(0).data());
            assertThat(text.get("subject").asText()).isEqualTo("plain.żółw");
            assertThat(text.get("data").asText()).isEqualTo("żółw 🚀");
            assertThat(text.get("headers").toString()).contains("Colour", "green");

            node.ask("publish", Map.of("subject", "plain.b", "data", base64(BINARY)));
            JsonNode binary = JSON.readTree(events.messages(1).get(0).data());
            assertThat(binary.get("data_base64").asText()).isEqualTo(base64(BINARY));
        }
    }

    @Test
    void readsAStoredMessageOfAnotherClient() {
        JsonNode receipt = node.ask(
                "store",
                Map.of("subject", "interop.żółw", "data", base64(BINARY), "headers", Map.of("Colour", "green")));

        byte[] body = given().get(
                        "/v1/streams/INTEROP/messages/" + receipt.get("seq").asLong())
                .then()
                .statusCode(200)
                .header("NatsH-Colour", "green")
                .extract()
                .asByteArray();
        assertThat(body).isEqualTo(BINARY);
    }

    @Test
    void fetchesAStoredMessageOfAnotherClient() throws IOException {
        node.ask("store", Map.of("subject", "interop.żółw", "data", base64(TEXT)));
        given().contentType("application/json")
                .body("{}")
                .put("/v1/streams/INTEROP/consumers/reader")
                .then()
                .statusCode(201);

        JsonNode fetched = JSON.readTree(given().contentType("application/json")
                .body("{\"batch\":1,\"expires\":\"5s\"}")
                .post("/v1/streams/INTEROP/consumers/reader/fetch")
                .asByteArray());
        assertThat(fetched.at("/messages/0/subject").asText()).isEqualTo("interop.żółw");
        assertThat(fetched.at("/messages/0/data").asText()).isEqualTo("żółw 🚀");
    }

    /** The JavaScript client sends such a header, but jnats cannot parse it. */
    @Test
    void tailsAMessageOfAnotherClientWithANonAsciiHeader() throws IOException {
        try (SseClient live = SseClient.connected(root.getPort(), "?subject=interop.%3E")) {
            storeWithHeaderBeyondAscii();

            assertThat(texts(live.messages(3))).containsExactly("before", "żółw 🚀", "after");
        }
        try (SseClient history = SseClient.open(root.getPort(), "?subject=interop.%3E&from=all")) {
            assertThat(texts(history.messages(3))).containsExactly("before", "żółw 🚀", "after");
        }
    }

    @Test
    void readsAMessageOfAnotherClientWithANonAsciiHeader() {
        storeWithHeaderBeyondAscii();

        byte[] body = given().get("/v1/streams/INTEROP/messages/2")
                .then()
                .statusCode(200)
                .header("NatsH-Colour", "UTF-8''%C5%BC%C3%B3%C5%82ty")
                .extract()
                .asByteArray();
        assertThat(body).isEqualTo(TEXT);
    }

    /** Later messages of the same fetch would not arrive, because such a message ends the connection. */
    @Test
    void fetchesPastAMessageOfAnotherClientWithANonAsciiHeader() {
        storeWithHeaderBeyondAscii();
        given().contentType("application/json")
                .body("{}")
                .put("/v1/streams/INTEROP/consumers/reader")
                .then()
                .statusCode(201);
        Set<String> fetched = new HashSet<>();

        await().atMost(Timeouts.LIMIT).until(() -> {
            fetched.addAll(fetch());
            return fetched.contains("after");
        });

        assertThat(fetched).contains("before");
    }

    private void storeWithHeaderBeyondAscii() {
        node.ask("store", Map.of("subject", "interop.a", "data", base64("before".getBytes(StandardCharsets.UTF_8))));
        node.ask("store", Map.of("subject", "interop.a", "data", base64(TEXT), "headers", Map.of("Colour", "żółty")));
        node.ask("store", Map.of("subject", "interop.a", "data", base64("after".getBytes(StandardCharsets.UTF_8))));
    }

    /** Acks the fetched messages. Messages that did not arrive are redelivered. */
    private static List<String> fetch() {
        Response fetched = given().contentType("application/json")
                .body("{\"batch\":1,\"expires\":\"1s\"}")
                .post("/v1/streams/INTEROP/consumers/reader/fetch");
        if (fetched.statusCode() != 200) {
            return List.of();
        }
        List<String> tokens = fetched.path("messages.ack_token");
        given().contentType("application/json")
                .body(Map.of("acks", tokens))
                .post("/v1/streams/INTEROP/consumers/reader/ack")
                .then()
                .statusCode(200);
        return fetched.path("messages.data");
    }

    private static List<String> texts(List<SseClient.Frame> messages) throws IOException {
        List<String> texts = new ArrayList<>();
        for (SseClient.Frame message : messages) {
            texts.add(JSON.readTree(message.data()).path("data").asText());
        }
        return texts;
    }

    @Test
    void anotherClientReadsTheSameBytes() {
        node.ask("subscribe", Map.of("subject", "interop.>"));
        given().contentType("application/octet-stream")
                .header("NatsH-Colour", "green")
                .body(BINARY)
                .post("/v1/publish/interop.żółw")
                .then()
                .statusCode(201);

        JsonNode read = node.ask("next", Map.of("subject", "interop.>"));
        assertThat(read.get("subject").asText()).isEqualTo("interop.żółw");
        assertThat(read.get("data").asText()).isEqualTo(base64(BINARY));
        assertThat(read.at("/headers/Colour").asText()).isEqualTo("green");
    }

    @Test
    void isAnsweredByAServiceOfAnotherClient() {
        node.ask("echo", Map.of("subject", "there.echo"));

        byte[] reply = given().contentType("application/octet-stream")
                .header("NatsH-Colour", "green")
                .body(BINARY)
                .post("/v1/request/there.echo")
                .then()
                .statusCode(200)
                .header("NatsH-Colour", "green")
                .extract()
                .asByteArray();
        assertThat(reply).isEqualTo(BINARY);
    }

    @Test
    void answersARequestOfTheClientForJavaScript() {
        given().contentType("application/json")
                .body("{\"price\":4999}")
                .put("/v1/prices/interop")
                .then()
                .statusCode(204);

        JsonNode reply = node.ask(
                "request",
                Map.of(
                        "subject",
                        "pricing.lookup",
                        "data",
                        base64("{\"product_id\":\"interop\"}".getBytes(StandardCharsets.UTF_8))));
        assertThat(reply.get("data").asText()).isEqualTo(base64("{\"price\":4999}".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void isUnderstoodByAnotherEventSourceThatComesBack() {
        List<String> stored =
                List.of("a\rb", "a\nb", "a\r\nb", "  spaces", "a\0b", "żółw 🚀", "data: x\n\nid: 7", "end\n");
        stored.forEach(text -> streams.store("interop.x", text));

        List<String> seen = new ArrayList<>();
        String id = "";
        while (seen.size() < stored.size()) {
            JsonNode events = node.ask(
                            "events",
                            Map.of(
                                    "url",
                                    root.resolve("/v1/events?subject=interop.%3E&from=all&format=raw")
                                            .toString(),
                                    "lastEventId",
                                    id,
                                    "count",
                                    2))
                    .get("events");
            events.forEach(event -> seen.add(event.get("data").asText()));
            id = events.get(events.size() - 1).get("id").asText();
        }
        assertThat(seen)
                .isEqualTo(stored.stream()
                        .map(text -> text.replaceAll("\r\n?", "\n"))
                        .toList());
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
