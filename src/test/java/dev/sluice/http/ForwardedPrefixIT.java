package dev.sluice.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;

import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.parsing.Parser;
import io.restassured.specification.RequestSpecification;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Addresses behind a proxy that removes the prefix {@code /p} from the path, and tells it. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@TestProfile(ForwardedPrefixIT.BehindAProxy.class)
class ForwardedPrefixIT {

    @Test
    void namesThePlaceOfWhatAPutCreates() {
        forwarded()
                .contentType("application/json")
                .body("{}")
                .put("/v1/buckets/FORWARDED")
                .then()
                .statusCode(201)
                .header("Location", equalTo("/p/sluice/v1/buckets/FORWARDED"));
    }

    @Test
    void namesThePlaceOfAMessage() {
        forwarded()
                .contentType("application/json")
                .body("{\"subjects\":[\"forwarded.>\"]}")
                .put("/v1/streams/FORWARDED")
                .then()
                .statusCode(201);

        forwarded()
                .body("hello")
                .post("/v1/publish/forwarded.one?ack=stored")
                .then()
                .statusCode(201)
                .header("Location", equalTo("/p/sluice/v1/streams/FORWARDED/messages/1"));
    }

    @Test
    void namesTheTypeOfAProblemOfAResource() {
        forwarded()
                .get("/v1/streams/NOBODY")
                .then()
                .statusCode(404)
                .body("type", equalTo("/p/sluice/problems/no-stream"))
                .body("instance", equalTo("/p/sluice/v1/streams/NOBODY"));
    }

    @Test
    void namesTheTypeOfAProblemOfARoute() {
        forwarded()
                .body("x")
                .post("/v1/publish/a..b?ack=none")
                .then()
                .statusCode(400)
                .body("type", equalTo("/p/sluice/problems/bad-subject"))
                .body("instance", equalTo("/p/sluice/v1/publish/a..b"));
    }

    @Test
    void namesTheTypeOfAProblemInAReceiptOfABulkPublish() {
        forwarded()
                .contentType("application/x-ndjson")
                .body("{\"subject\":\"a..b\",\"data\":\"x\"}\n".getBytes(StandardCharsets.UTF_8))
                .post("/v1/publish")
                .then()
                .parser("application/x-ndjson", Parser.JSON)
                .statusCode(200)
                .body("problem.type", equalTo("/p/sluice/problems/bad-subject"))
                .body("problem.instance", equalTo("/p/sluice/v1/publish"));
    }

    @Test
    void namesTheTypeOfAProblemInAReceiptOfABatchOfEvents() {
        forwarded()
                .contentType("application/cloudevents-batch+json")
                .body("[{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\",\"source\":\"s\"}]"
                        .getBytes(StandardCharsets.UTF_8))
                .post("/v1/publish/stored.nowhere?ack=stored")
                .then()
                .parser("application/x-ndjson", Parser.JSON)
                .statusCode(200)
                .body("problem.type", equalTo("/p/sluice/problems/no-stream"))
                .body("problem.instance", equalTo("/p/sluice/v1/publish/stored.nowhere"));
    }

    private static RequestSpecification forwarded() {
        return given().header("X-Forwarded-Prefix", "/p");
    }

    /** The root path is a build-time setting of Quarkus. */
    public static final class BehindAProxy implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "quarkus.http.root-path", "/sluice",
                    "quarkus.http.proxy.proxy-address-forwarding", "true",
                    "quarkus.http.proxy.allow-x-forwarded", "true",
                    "quarkus.http.proxy.enable-forwarded-prefix", "true");
        }
    }
}
