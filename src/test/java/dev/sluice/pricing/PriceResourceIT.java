package dev.sluice.pricing;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.hamcrest.Matchers.equalTo;

import dev.sluice.stream.bucket.BucketKey;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
class PriceResourceIT {
    @Inject
    Prices prices;

    @BeforeEach
    void awaitBucket() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> prices.find(new BucketKey("none")).await().atMost(Duration.ofSeconds(20)));
    }

    @Test
    void returnsThePriceThatWasSet() {
        given().contentType(ContentType.JSON)
                .body("{\"price\":4999}")
                .put("/v1/prices/A-17")
                .then()
                .statusCode(204);

        when().get("/v1/prices/A-17")
                .then()
                .statusCode(200)
                .body("product_id", equalTo("A-17"))
                .body("price", equalTo(4999));
    }

    @Test
    void answers404ForAProductWithoutAPrice() {
        when().get("/v1/prices/no-such")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/not-found"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"price":-1}      | price | must be greater than or equal to 0
                    {}                | price | must not be null
                    {"price":null}    | price | must not be null
                    {"price":49.99}   | price | must be a whole number
                    {"price":"49"}    | price | must be a whole number
                    {"price":[1]}     | price | must be a whole number
                    """)
    void namesTheFieldThatBreaksARule(String body, String field, String rule) {
        given().contentType(ContentType.JSON)
                .body(body)
                .put("/v1/prices/A-18")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/invalid"))
                .body("violations.size()", equalTo(1))
                .body("violations[0].field", equalTo(field))
                .body("violations[0].rule", equalTo(rule));
    }

    @Test
    void namesTheParameterThatBreaksARule() {
        when().get("/v1/prices/a..b").then().statusCode(400).body("violations[0].field", equalTo("product_id"));
        when().get("/v1/prices/" + "a.".repeat(3_900) + "a").then().statusCode(400);
    }

    @Test
    void rejectsInvalidJson() {
        given().contentType(ContentType.JSON)
                .body("{\"price\":")
                .put("/v1/prices/A-18")
                .then()
                .statusCode(400)
                .body("type", equalTo("/problems/invalid"));
    }

    @Test
    void rejectsAMissingBody() {
        given().contentType(ContentType.JSON)
                .put("/v1/prices/A-18")
                .then()
                .statusCode(400)
                .body("violations[0].field", equalTo("body"));
    }
}
