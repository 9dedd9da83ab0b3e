package dev.sluice.ops;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SseClient;
import dev.sluice.support.Timeouts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tag {@code uri} of the HTTP metrics: the template of each described path, and nothing that a client invents. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class HttpMetersIT {
    private static final String PARAMETER = "\\{\\w+}";

    static Stream<String> described() throws IOException {
        try (InputStream openapi = HttpMetersIT.class.getResourceAsStream("/META-INF/openapi.yaml")) {
            return new ObjectMapper(new YAMLFactory())
                    .readTree(openapi).path("paths").properties().stream()
                            .map(Map.Entry::getKey)
                            .filter(path -> path.startsWith("/v1/"));
        }
    }

    @ParameterizedTest
    @MethodSource("described")
    void recordsADescribedPathByItsTemplate(String path) {
        given().urlEncodingEnabled(false)
                .options(path.replaceAll(PARAMETER, "x"))
                .then()
                .statusCode(200);
        await().atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(scrape())
                .contains("method=\"OPTIONS\",outcome=\"SUCCESS\",status=\"200\",uri=\"" + path + "\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/unknown", "/v1/streams/a/b", "/console/main.css", "/v2/publish/a"})
    void recordsAPathThatDoesNotExistAsOther(String path) {
        double before = count("method=\"GET\",outcome=\"CLIENT_ERROR\"", "uri=\"OTHER\"");
        int status = given().urlEncodingEnabled(false).get(path).statusCode();
        assertThat(status).isBetween(400, 499);
        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(count("method=\"GET\",outcome=\"CLIENT_ERROR\"", "uri=\"OTHER\""))
                        .isEqualTo(before + 1));
    }

    @Test
    void recordsAFileOfALibraryOnce() {
        double before = count("method=\"HEAD\",outcome=\"SUCCESS\"", "uri=\"OTHER\"");
        given().head("/webjars/uplot/dist/uPlot.esm.js").then().statusCode(200);
        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(count("method=\"HEAD\",outcome=\"SUCCESS\"", "uri=\"OTHER\""))
                        .isEqualTo(before + 1));
    }

    @Test
    void recordsAKeyWithSlashesByTheSameTemplate() {
        given().urlEncodingEnabled(false).options("/v1/buckets/menu/keys/tea/green");
        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(scrape()).contains("uri=\"/v1/buckets/{bucket}/keys/{key}\""));
        assertThat(scrape()).doesNotContain("green");
    }

    @ParameterizedTest
    @CsvSource({"http_server_active_requests", "http_server_active_connections"})
    void hasTheGauge(String name) {
        assertThat(scrape()).containsPattern("(?m)^" + name + "(\\{})? [1-9]");
    }

    @Test
    void recordsATailThatItsClientClosedAsReset() {
        SseClient.connected(RestAssured.port, "?subject=meters.left").close();

        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(scrape()).contains("status=\"RESET\",uri=\"/v1/events\""));
    }

    private static double count(String... tags) {
        return scrape().lines()
                .filter(line -> line.startsWith("http_server_requests_seconds_count{"))
                .filter(line -> Stream.of(tags).allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static String scrape() {
        return given().get("/q/metrics").asString();
    }
}
