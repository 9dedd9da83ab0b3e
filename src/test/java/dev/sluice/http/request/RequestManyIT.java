package dev.sluice.http.request;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import dev.sluice.nats.Requester;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /v1/request/{subject}?replies=many}: the replies as they arrive, and why no other one follows. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class RequestManyIT {
    private static final int MANY = 20_000;
    private static final String PAYLOAD = "x".repeat(1_000);

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    @Inject
    Requester requester;

    private final String subject = "many." + UUID.randomUUID();
    private Connection nats;

    @BeforeEach
    void connect() throws Exception {
        nats = Nats.connect(server.url());
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
    }

    @AfterEach
    void disconnect() throws Exception {
        nats.close();
    }

    @Test
    void endsAfterTheMaximum() {
        serve(request -> replies(request, "a", "b", "c"));

        assertThat(lines("&max=2"))
                .containsExactly(
                        "{\"headers\":{},\"data\":\"a\"}",
                        "{\"headers\":{},\"data\":\"b\"}",
                        "{\"end\":\"max\",\"replies\":2}");
    }

    @Test
    void collectsTheRepliesOfSeveralServices() {
        for (int i = 0; i < 3; i++) {
            serve(request -> replies(request, "one"));
        }

        assertThat(lines("&max=3")).hasSize(4).last().isEqualTo("{\"end\":\"max\",\"replies\":3}");
    }

    @Test
    void endsWithAnEmptyMessage() {
        serve(request -> replies(request, "a", "", "b"));

        assertThat(lines("&timeout=30s"))
                .containsExactly("{\"headers\":{},\"data\":\"a\"}", "{\"end\":\"sentinel\",\"replies\":1}");
    }

    @Test
    void endsWhenNothingFollows() {
        serve(request -> replies(request, "a"));

        assertThat(lines("&timeout=30s&stall=50ms"))
                .containsExactly("{\"headers\":{},\"data\":\"a\"}", "{\"end\":\"stall\",\"replies\":1}");
    }

    @Test
    void endsWhenTheTimeIsOver() {
        serve(request -> replies(request, "a"));

        assertThat(lines("&timeout=200ms&stall=1s"))
                .containsExactly("{\"headers\":{},\"data\":\"a\"}", "{\"end\":\"timeout\",\"replies\":1}");
    }

    @Test
    void waitsForTheFirstReplyWithoutTheStall() {
        serve(silent -> {});

        assertThat(lines("&timeout=300ms&stall=10ms")).containsExactly("{\"end\":\"timeout\",\"replies\":0}");
    }

    @Test
    void endsAtOnceWithoutResponders() {
        assertThat(lines("&timeout=30s")).containsExactly("{\"end\":\"no-responders\",\"replies\":0}");
    }

    @Test
    void passesHeadersBytesAndErrors() {
        serve(request -> {
            nats.publish(NatsMessage.builder()
                    .subject(request.getReplyTo())
                    .headers(new Headers().add("Colour", "green"))
                    .data(new byte[] {0, -1})
                    .build());
            nats.publish(NatsMessage.builder()
                    .subject(request.getReplyTo())
                    .headers(new Headers().add("Nats-Service-Error-Code", "409"))
                    .build());
        });

        assertThat(lines("&max=2"))
                .containsExactly(
                        "{\"headers\":{\"Colour\":[\"green\"]},\"data_base64\":\"AP8=\"}",
                        "{\"headers\":{\"Nats-Service-Error-Code\":[\"409\"]},\"data\":\"\"}",
                        "{\"end\":\"max\",\"replies\":2}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/*", "application/x-ndjson;q=0.9", "Application/X-NDJSON"})
    void writesLinesToAClientThatAcceptsThem(String accept) {
        serve(request -> replies(request, "a"));

        given().accept(accept)
                .body("?")
                .post(target("&max=1"))
                .then()
                .statusCode(200)
                .contentType("application/x-ndjson");
    }

    @Test
    void writesEventsToAClientThatAcceptsThem() {
        serve(request -> replies(request, "a", ""));

        Response answer = given().accept("text/event-stream").body("?").post(target(""));

        answer.then().statusCode(200).contentType("text/event-stream").header("X-Accel-Buffering", equalTo("no"));
        assertThat(answer.asString()).isEqualTo("""
                data: {"headers":{},"data":"a"}

                event: end
                data: {"end":"sentinel","replies":1}

                """);
    }

    @Test
    void writesEachReplyWhenItArrives() {
        serve(request -> replies(request, "a"));

        try (HttpExchange exchange = open("&timeout=30s")) {
            assertThat(exchange.head().status()).isEqualTo(200);
            assertThat(exchange.bodyLine()).contains("\"a\"");
        }
    }

    @Test
    void endsWhenTheClientDisconnects() {
        serve(request -> replies(request, "a"));

        try (HttpExchange exchange = open("&timeout=30s")) {
            exchange.head();
            await().atMost(Timeouts.LIMIT).until(() -> requester.inFlight() == 1);
        }

        await().atMost(Timeouts.LIMIT).until(() -> requester.inFlight() == 0);
    }

    @Test
    void disconnectsAClientThatDoesNotRead() {
        serve(request -> {
            for (int i = 0; i < MANY; i++) {
                replies(request, PAYLOAD);
            }
        });
        long before = requester.overflows();

        try (HttpExchange exchange = open("&timeout=2s")) {
            await().atMost(Duration.ofSeconds(20)).until(() -> requester.overflows() > before);
            await().atMost(Timeouts.LIMIT).until(() -> requester.inFlight() == 0);

            exchange.head();
            assertThatThrownBy(exchange::body).isInstanceOf(UncheckedIOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?replies=two",
                "?replies=many&replies=one",
                "?max=1",
                "?stall=1s",
                "?replies=one&max=1",
                "?replies=many&max=0",
                "?replies=many&max=x",
                "?replies=many&stall=0s",
                "?replies=many&stall=31s",
                "?replies=many&timeout=31s",
            })
    void rejectsABadParameter(String query) {
        given().body("?")
                .post("/v1/request/" + subject + query)
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/invalid"));
    }

    private void serve(Consumer<Message> service) {
        nats.createDispatcher(service::accept).subscribe(subject);
        try {
            nats.flush(Timeouts.LIMIT);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void replies(Message request, String... payloads) {
        for (String payload : payloads) {
            nats.publish(request.getReplyTo(), payload.getBytes(StandardCharsets.UTF_8));
        }
    }

    private String target(String query) {
        return "/v1/request/" + subject + "?replies=many" + query;
    }

    private List<String> lines(String query) {
        Response answer = given().body("?").post(target(query));
        answer.then()
                .statusCode(200)
                .contentType("application/x-ndjson")
                .header("Cache-Control", equalTo("no-store, no-transform"));
        return answer.asString().lines().toList();
    }

    private HttpExchange open(String query) {
        return new HttpExchange(root.getPort(), 4_096)
                .send("POST " + target(query) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    }
}
