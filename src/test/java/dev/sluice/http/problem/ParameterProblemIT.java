package dev.sluice.http.problem;

import static dev.sluice.http.ProblemResponse.problem;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The problem of a wrong query parameter says which one it is. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ParameterProblemIT {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            subject | /v1/events?subject=logs..web
            subject | /v1/events?subject=logs.>x
            source  | /v1/events?source=both
            format  | /v1/events?format=xml
            from    | /v1/events?from=yesterday
            from    | /v1/events?from=time:9999-01-01T00:00:00Z
            from    | /v1/events?from=all&tail=1
            from    | /v1/events?subject=nobody.stores.this&from=all
            tail    | /v1/events?tail=many
            match   | /v1/events?match=(
            not     | /v1/events?not=(
            match   | /v1/events?match=((a{1000}){1000}){1000}
            not     | /v1/streams/ORDERS/messages?not=((a{1000}){1000}){1000}
            header  | /v1/events?header=x
            contains| /v1/events?contains=
            queue   | /v1/events?queue=a..b
            queue   | /v1/events?queue=a&source=stream
            last_event_id | /v1/events?last_event_id=x
            tale    | /v1/events?tale=1
            limit   | /v1/buckets/PRICES/keys?limit=0
            filter  | /v1/buckets/PRICES/keys?filter=a..b
            values  | /v1/buckets/PRICES/keys?values=yes
            revision| /v1/buckets/PRICES/keys/tea?revision=0
            key     | /v1/buckets/PRICES/events?key=a..b
            from    | /v1/buckets/PRICES/events?from=all
            values  | /v1/buckets/PRICES/events?values=yes
            from    | /v1/streams/ORDERS/messages?from=new
            seq     | /v1/orders/A-1/events?seq=1
            """)
    void namesTheParameter(String parameter, String path) {
        given().urlEncodingEnabled(false)
                .get(path.replace(">", "%3E")
                        .replace("(", "%28")
                        .replace("{", "%7B")
                        .replace("}", "%7D"))
                .then()
                .statusCode(400)
                .body("parameter", equalTo(parameter));
    }

    @ParameterizedTest
    @CsvSource({
        "ack, /v1/publish/logs.x?ack=perhaps",
        "ack, /v1/publish/logs.x?ack=none&ack=stored",
        "timeout, /v1/request/logs.x?timeout=soon"
    })
    void namesTheParameterOfAPublish(String parameter, String path) {
        given().body("x").post(path).then().statusCode(400).body("parameter", equalTo(parameter));
    }

    @Test
    void namesTheMethodsOfThePath() {
        problem(given().delete("/v1/publish"), 405, "method-not-allowed").body("detail", containsString("POST"));
    }

    @Test
    void namesTheMediaTypesOfTheResponse() {
        problem(given().accept("text/html").body("x").post("/v1/publish/logs.x"), 406, "not-acceptable")
                .body("detail", containsString("application/json"));
    }

    @Test
    void saysThatThereIsNoSuchPath() {
        problem(given().get("/v1/nothing"), 404, "not-found");
    }

    @Test
    void namesTheMediaTypeOfJson() {
        given().contentType("application/x-www-form-urlencoded")
                .body("{}")
                .put("/v1/buckets/FORM")
                .then()
                .statusCode(415)
                .body("detail", containsString("application/json"));
    }

    @Test
    void namesNoneIfTheParametersAreRight() {
        given().body("x")
                .post("/v1/publish/logs..x")
                .then()
                .statusCode(400)
                .body("type", equalTo("/problems/bad-subject"))
                .body(not(containsString("\"parameter\"")));
    }
}
