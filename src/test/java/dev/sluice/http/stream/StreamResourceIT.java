package dev.sluice.http.stream;

import static dev.sluice.http.ProblemResponse.problem;
import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.sluice.http.TestWork;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.RawClient;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams and their messages over REST. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class StreamResourceIT {
    @NatsServerResource.Server
    NatsServer server;

    private TestWork work;

    @BeforeEach
    void createStream() {
        work = new TestWork(server);
    }

    @AfterEach
    void deleteStream() {
        work.close();
    }

    @Test
    void returnsTheConfigurationAndStateOfAStream() {
        work.manage(management -> management.updateStream(StreamConfiguration.builder()
                .name(work.stream)
                .subjects(work.stream + ".>")
                .storageType(StorageType.Memory)
                .maxAge(Duration.ofHours(1))
                .maxMessages(100)
                .build()));
        work.publish("1");
        work.publish("2");

        when().get("/v1/streams/" + work.stream)
                .then()
                .statusCode(200)
                .body("name", equalTo(work.stream))
                .body("subjects", equalTo(List.of(work.stream + ".>")))
                .body("limits.max_age", equalTo("3600s"))
                .body("limits.max_messages", equalTo(100))
                .body("limits.max_bytes", nullValue())
                .body("limits.storage", equalTo("memory"))
                .body("limits.replicas", equalTo(1))
                .body("limits.duplicate_window", equalTo("120s"))
                .body("state.messages", equalTo(2))
                .body("state.first_seq", equalTo(1))
                .body("state.last_seq", equalTo(2))
                .body("state.consumers", equalTo(1));
    }

    @Test
    void showsThatAStreamIsSealed() {
        when().get("/v1/streams/" + work.stream).then().body("$", not(hasKey("sealed")));

        work.manage(management -> management.updateStream(StreamConfiguration.builder(
                        management.getStreamInfo(work.stream).getConfiguration())
                .seal()
                .build()));

        when().get("/v1/streams/" + work.stream).then().body("sealed", equalTo(true));
    }

    @Test
    void listsStreamsExceptReservedOnes() {
        List<String> names = new ArrayList<>();
        Integer offset = 0;
        while (offset != null) {
            Response page = given().queryParam("offset", offset).get("/v1/streams");
            page.then().statusCode(200);
            names.addAll(page.path("streams.name"));
            offset = page.path("next_offset");
        }

        assertThat(names)
                .contains(work.stream, "ORDERS", "DEAD_LETTERS")
                .doesNotContain("ORDERS_EXHAUSTED")
                .noneMatch(name -> name.startsWith("KV_"));
    }

    @Test
    void listsConsumers() {
        when().get("/v1/streams/" + work.stream + "/consumers")
                .then()
                .statusCode(200)
                .body("consumers", hasSize(1))
                .body("consumers.name", hasItem(work.consumer));
    }

    @Test
    void readsAMessage() {
        work.publish(
                "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                new Headers().add("Content-Type", "application/json").add("Colour", "green", "blue"));

        Response answer = when().get(message(1));

        answer.then()
                .statusCode(200)
                .header("Content-Type", containsString("application/json"))
                .header("Nats-Subject", equalTo(work.stream + ".item"))
                .header("Nats-Sequence", equalTo("1"))
                .header("Nats-Time-Stamp", containsString("T"))
                .body(equalTo("{}"));
        assertThat(answer.headers().getValues("NatsH-Colour")).containsExactly("green", "blue");
    }

    @Test
    void readsAMessageWithoutATypeAsBytes() {
        byte[] binary = {0, -1, 13, 10, 127, -128};
        work.publish(binary, null);

        Response answer = when().get(message(1));

        assertThat(answer.contentType()).isEqualTo("application/octet-stream");
        assertThat(answer.asByteArray()).isEqualTo(binary);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "image/svg+xml"})
    void preventsBrowsersFromRenderingAMessageWithinThisSite(String type) {
        work.publish(
                "<script>alert(1)</script>".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                new Headers().add("Content-Type", type));

        when().get(message(1))
                .then()
                .header("Content-Disposition", equalTo("attachment"))
                .header("X-Content-Type-Options", equalTo("nosniff"))
                .header("Content-Security-Policy", containsString("sandbox"));
    }

    @Test
    void encodesHeadersThatHttpCannotCarry() {
        try (RawClient raw = new RawClient(server)) {
            raw.publish(
                    work.stream + ".größe",
                    "Größe: zwölf\r\nPlain: 100%\r\nContent-Type: no type\r\nLooks: UTF-8''x\r\n",
                    "x");
            raw.flush();
        }

        Response answer = when().get(message(1));

        answer.then()
                .statusCode(200)
                .header("Content-Type", equalTo("application/octet-stream"))
                .header("Nats-Subject", equalTo("UTF-8''" + work.stream + ".gr%C3%B6%C3%9Fe"))
                .header("NatsH-Gr%C3%B6%C3%9Fe", equalTo("UTF-8''zw%C3%B6lf"))
                .header("NatsH-Plain", equalTo("100%"))
                .header("NatsH-Content-Type", equalTo("no type"))
                .header("NatsH-Looks", equalTo("UTF-8''UTF-8%27%27x"));
    }

    @Test
    void reportsAMissingStreamOrMessage() {
        problem(when().get(message(99)), 404, "no-message");
        problem(when().get("/v1/streams/NOWHERE"), 404, "no-stream").body("stream", equalTo("NOWHERE"));
        problem(when().get("/v1/streams/NOWHERE/messages/1"), 404, "no-stream");
        problem(when().get("/v1/streams/NOWHERE/consumers"), 404, "no-stream");
        problem(when().get("/v1/streams/" + work.stream + "/consumers/nobody"), 404, "no-consumer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b", "a*", "%3E", "a%20b", "a%0Ab", "a%2Fb", "a%5Cb"})
    void rejectsABadName(String name) {
        for (String path : List.of("", "/messages/1", "/consumers", "/consumers/any")) {
            problem(given().urlEncodingEnabled(false).get("/v1/streams/" + name + path), 400, "invalid");
        }
        problem(
                given().urlEncodingEnabled(false).get("/v1/streams/" + work.stream + "/consumers/" + name),
                400,
                "invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "x", "9223372036854775808"})
    void rejectsABadOffset(String offset) {
        problem(when().get("/v1/streams?offset=" + offset), 400, "invalid");
        problem(when().get("/v1/streams/" + work.stream + "/consumers?offset=" + offset), 400, "invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "x", "99999999999999999999"})
    void rejectsABadSequence(String sequence) {
        assertThat(when().get("/v1/streams/" + work.stream + "/messages/" + sequence)
                        .statusCode())
                .isIn(400, 404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"KV_PRICES", "KV_ORDER_STATUS", "OBJ_any", "ORDERS_EXHAUSTED"})
    void rejectsReservedStreams(String reserved) {
        for (String path : List.of("", "/messages/1", "/consumers", "/consumers/any")) {
            problem(when().get("/v1/streams/" + reserved + path), 403, "forbidden");
        }
    }

    @Test
    void rejectsACopyOfAReservedStream() {
        work.create("KV_copied", "$KV.copied.>");
        String copy = work.stream + "C";
        work.manage(management -> management.addStream(StreamConfiguration.builder()
                .name(copy)
                .mirror(io.nats.client.api.Mirror.builder().name("KV_copied").build())
                .storageType(StorageType.Memory)
                .build()));

        problem(when().get("/v1/streams/" + copy), 403, "forbidden");
        problem(when().get("/v1/streams/" + copy + "/messages/1"), 403, "forbidden");

        work.manage(management -> management.deleteStream(copy));
        work.manage(management -> management.deleteStream("KV_copied"));
    }

    private String message(long sequence) {
        return "/v1/streams/" + work.stream + "/messages/" + sequence;
    }
}
