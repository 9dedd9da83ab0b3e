package dev.sluice.access;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.TokenIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The definition of a stream requires the permissions for everything that the stream does. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@WithTestResource(SecuredResource.class)
class StreamAccessIT {
    private static final String PATH = "/v1/streams/OWN_STREAM";

    @SecuredResource.Issuer
    TokenIssuer issuer;

    @AfterEach
    void deleteStream() {
        given().header("Authorization", "Bearer " + token(Map.of())).delete(PATH);
    }

    @Test
    void createsAStreamThatTheCallerMayDefine() {
        put("""
                        {"subjects":["own.>"],"sources":[{"name":"ORDERS"}],
                         "republish":{"source":"own.>","destination":"copy.>"}}
                        """, Map.of("subscribe", "own.>", "publish", "copy.>", "consume", "ORDERS.*"))
                .then()
                .statusCode(201);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "subscribe orders.created | {\"subjects\":[\"own.>\",\"orders.created\"]}",
                "consume ORDERS.* | {\"sources\":[{\"name\":\"ORDERS\"}]}",
                "consume ORDERS.* | {\"mirror\":{\"name\":\"ORDERS\"}}",
                "publish orders.> | {\"subjects\":[\"own.>\"],\"republish\":{\"source\":\"own.>\",\"destination\":\"orders.>\"}}",
                "publish orders.> | {\"subjects\":[\"own.*\"],\"republish\":{\"source\":\"own.*\",\"destination\":\"orders.{{wildcard(1)}}\"}}",
                "publish orders.> | {\"subjects\":[\"own.*\"],\"republish\":{\"source\":\"own.*\",\"destination\":\"orders.$1\"}}"
            })
    void rejectsAStreamThatDoesMoreThanTheCallerMay(String missing, String body) {
        put(body, Map.of("subscribe", "own.>", "publish", "copy.>", "consume", "OWN_STREAM.*"))
                .then()
                .statusCode(403)
                .body("type", equalTo("/problems/forbidden"))
                .body("detail", containsString(missing));
    }

    private Response put(String body, Map<String, String> grants) {
        return given().header("Authorization", "Bearer " + token(grants))
                .contentType(ContentType.JSON)
                .body(body)
                .put(PATH);
    }

    private String token(Map<String, String> grants) {
        Map<String, Object> claim = new HashMap<>();
        grants.forEach((verb, pattern) -> claim.put(verb, Map.of("allow", List.of(pattern))));
        claim.put("administer", Map.of("allow", List.of("OWN_STREAM.*")));
        return issuer.sign(TokenIssuer.claims().claim("sluice", claim));
    }
}
