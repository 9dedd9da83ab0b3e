package dev.sluice.http;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import dev.sluice.support.LimitedAccountResource;
import dev.sluice.support.SseClient;
import dev.sluice.support.SseClient.Frame;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The limits of the account of NATS are reached. Requests are refused as documented, and succeed when there is room again. */
@QuarkusTest
@QuarkusTestResource(value = LimitedAccountResource.class, restrictToAnnotatedClass = true)
class AccountLimitsIT {
    /** More than half of the memory of the account. */
    private static final byte[] LARGE = new byte[LimitedAccountResource.MEMORY * 6 / 10];

    @TestHTTPResource("/")
    URI root;

    private final List<String> created = new ArrayList<>();

    @BeforeEach
    void createAStream() {
        stream("WORK").statusCode(201);
    }

    @AfterEach
    void deleteTheStreams() {
        created.forEach(path -> when().delete(path));
    }

    @Test
    void storesAgainWhenThereIsRoom() {
        publish().statusCode(201);
        publish().statusCode(507).body("type", equalTo("/problems/stream-full"));

        given().contentType("application/json")
                .body("{}")
                .post("/v1/streams/WORK/purge")
                .then()
                .statusCode(200);

        publish().statusCode(201);
    }

    @Test
    void createsAStreamAgainWhenOneIsDeleted() {
        int number = 0;
        while (stream("MORE" + number).extract().statusCode() == 201) {
            number++;
        }
        refused(stream("MORE" + number));

        when().delete("/v1/streams/MORE0").then().statusCode(204);

        stream("MORE" + number).statusCode(201);
    }

    @Test
    void createsAConsumerAgainWhenOneIsDeleted() {
        useAllConsumers();
        refused(consumer("more"));

        when().delete("/v1/streams/WORK/consumers/c0").then().statusCode(204);

        consumer("more").statusCode(201);
    }

    @Test
    void tailsAStreamWithoutAConsumer() {
        useAllConsumers();
        try (SseClient tail = SseClient.connected(root.getPort(), "?subject=WORK.a&format=raw")) {
            given().contentType("text/plain")
                    .body("first")
                    .post("/v1/publish/WORK.a")
                    .then()
                    .statusCode(201);
            given().contentType("text/plain")
                    .body("second")
                    .post("/v1/publish/WORK.a")
                    .then()
                    .statusCode(201);

            assertThat(tail.messages(2)).extracting(Frame::data).containsExactly("first", "second");
        }
    }

    @Test
    void keepsAValueThatCannotBeReplaced() {
        create("/v1/buckets/limits", "{\"storage\":\"memory\",\"history\":2}").statusCode(201);
        given().body("small").put("/v1/buckets/limits/keys/a").then().statusCode(201);
        given().body(LARGE).put("/v1/buckets/limits/keys/b").then().statusCode(201);

        given().body(LARGE)
                .put("/v1/buckets/limits/keys/a")
                .then()
                .statusCode(507)
                .body("type", equalTo("/problems/stream-full"));

        when().get("/v1/buckets/limits/keys/a").then().statusCode(200).body(equalTo("small"));
    }

    @Test
    void leavesNothingOfAnObjectThatHasNoRoom() {
        create("/v1/object-stores/limits", "{\"storage\":\"memory\"}").statusCode(201);

        given().body(new byte[LimitedAccountResource.MEMORY * 2])
                .put("/v1/object-stores/limits/objects/large")
                .then()
                .statusCode(507)
                .body("type", equalTo("/problems/stream-full"));

        when().get("/v1/object-stores/limits/objects/large").then().statusCode(404);
        given().body(LARGE).put("/v1/object-stores/limits/objects/small").then().statusCode(201);
    }

    private void useAllConsumers() {
        for (int number = 0; number < LimitedAccountResource.CONSUMERS; number++) {
            consumer("c" + number).statusCode(201);
        }
    }

    private static void refused(ValidatableResponse answer) {
        answer.statusCode(503).header("Retry-After", notNullValue()).body("type", equalTo("/problems/limit-reached"));
    }

    private ValidatableResponse stream(String name) {
        return create("/v1/streams/" + name, "{\"subjects\":[\"%s.>\"],\"storage\":\"memory\"}".formatted(name));
    }

    private ValidatableResponse create(String path, String definition) {
        created.add(path);
        return given().contentType("application/json")
                .body(definition)
                .put(path)
                .then();
    }

    private static ValidatableResponse consumer(String name) {
        return given().contentType("application/json")
                .body("{}")
                .put("/v1/streams/WORK/consumers/" + name)
                .then();
    }

    private static ValidatableResponse publish() {
        return given().contentType("text/plain")
                .body(LARGE)
                .post("/v1/publish/WORK.large")
                .then();
    }
}
