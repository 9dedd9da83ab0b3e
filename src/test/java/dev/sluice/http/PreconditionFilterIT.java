package dev.sluice.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;

import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A change with a condition that nothing would check is rejected. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class PreconditionFilterIT {

    @NatsServerResource.Server
    NatsServer server;

    private TestWork work;

    @BeforeEach
    void begin() {
        work = new TestWork(server);
    }

    @AfterEach
    void end() {
        work.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PUT /v1/streams/STREAM",
                "DELETE /v1/streams/STREAM",
                "POST /v1/streams/STREAM/purge",
                "DELETE /v1/streams/STREAM/messages/1",
                "PUT /v1/streams/STREAM/consumers/worker",
                "DELETE /v1/streams/STREAM/consumers/worker",
                "POST /v1/streams/STREAM/consumers/worker/pause",
                "POST /v1/streams/STREAM/consumers/worker/resume",
                "POST /v1/streams/STREAM/consumers/worker/reset",
                "PUT /v1/buckets/STREAM",
                "DELETE /v1/buckets/STREAM",
                "PUT /v1/object-stores/STREAM",
                "DELETE /v1/object-stores/STREAM",
            })
    void rejectsAConditionOfAResourceWithoutAnETag(String operation) {
        refused(operation, "If-None-Match", "*");
    }

    @ParameterizedTest
    @CsvSource({
        "If-Match, *",
        "If-Match, \"nope\"",
        "If-None-Match, *",
        "If-Unmodified-Since, 'Sun, 06 Nov 1994 08:49:37 GMT'"
    })
    void changesNothing(String header, String value) {
        work.publish("kept");

        refused("PUT /v1/streams/STREAM", header, value);
        refused("DELETE /v1/streams/STREAM", header, value);

        assertThat(work.manage(management -> management.getStreamInfo(work.stream))
                        .getStreamState()
                        .getMsgCount())
                .isEqualTo(1);
    }

    @Test
    void doesNotRejectAReadOrAnOrdinaryChange() {
        given().header("If-None-Match", "\"x\"")
                .get("/v1/streams/" + work.stream)
                .then()
                .statusCode(200);
        send("DELETE /v1/streams/STREAM/consumers/worker", "If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")
                .then()
                .statusCode(204);
    }

    private void refused(String operation, String header, String value) {
        send(operation, header, value)
                .then()
                .statusCode(400)
                .body("type", endsWith("/invalid"))
                .body("detail", containsString(header))
                .body("detail", containsString("ETag"));
    }

    private Response send(String operation, String header, String value) {
        String[] parts = operation.replace("STREAM", work.stream).split(" ");
        return given().header(header, value)
                .contentType(ContentType.JSON)
                .body("{}")
                .request(parts[0], parts[1]);
    }
}
