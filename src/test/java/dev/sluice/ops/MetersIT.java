package dev.sluice.ops;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import dev.sluice.support.UnreadConsumerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All meters at {@code /q/metrics} are documented, and no tag value comes from a client. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = UnreadConsumerResource.class, restrictToAnnotatedClass = true)
class MetersIT {
    private static final Pattern SAMPLE = Pattern.compile("(?m)^(sluice_[a-z_]+?)(_bucket|_count|_sum|_max)?[{ ]");
    private static final Pattern DOCUMENTED = Pattern.compile("`(sluice_[a-z_]+)");
    /** The shortest timeout of a question to NATS: {@code sluice.topology.timeout}, less what a scrape takes. */
    private static final Duration TIMEOUT_OF_NATS = Duration.ofSeconds(4);

    @NatsServerResource.Server
    NatsServer server;

    @Test
    void documentsEveryMeterAndNoOther() throws IOException {
        String documentation = Files.readString(Path.of("docs/METRICS.md"));
        assertThat(names(DOCUMENTED, documentation)).isEqualTo(names(SAMPLE, scrape()));
    }

    @ParameterizedTest
    @CsvSource({
        "application/openmetrics-text; version=1.0.0; charset=utf-8, application/openmetrics-text",
        "application/openmetrics-text; version=1.0.0, application/openmetrics-text",
        "application/openmetrics-text, application/openmetrics-text",
        "text/plain, text/plain",
        "*/*, text/plain"
    })
    void usesTheRequestedFormatAndPlainTextByDefault(String accepted, String answered) {
        assertThat(given().header("Accept", accepted).get("/q/metrics").contentType())
                .startsWith(answered + ";");
    }

    @Test
    void describesTheFormatToAHead() {
        assertThat(given().head("/q/metrics").contentType()).startsWith("text/plain;");
    }

    @Test
    void hasNoTagValueFromAClient() {
        given().body("x").post("/v1/publish/stranger.says?ack=none").then().statusCode(202);
        given().delete("/v1/publish/stranger.says").then().statusCode(405);
        given().request("STRANGER", "/v1/events").then().statusCode(405);
        given().get("/v1/orders/stranger").then().statusCode(404);
        given().get("/stranger").then().statusCode(404);

        await().atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(scrape())
                .contains("method=\"POST\",outcome=\"SUCCESS\",status=\"202\",uri=\"/v1/publish/{subject}\"")
                .contains("method=\"OTHER\",outcome=\"CLIENT_ERROR\",status=\"405\",uri=\"/v1/events\"")
                .contains("method=\"GET\",outcome=\"CLIENT_ERROR\",status=\"404\",uri=\"OTHER\""));
        assertThat(scrape()).doesNotContainIgnoringCase("stranger");
    }

    @Test
    void reportsTheLagOfTheConsumers() {
        for (String id : List.of("1", "2", "3")) {
            await().atMost(Timeouts.LIMIT)
                    .until(() -> given().header("Nats-Msg-Id", id)
                                    .body("x")
                                    .post("/v1/publish/orders.unread")
                                    .statusCode()
                            < 300);
        }

        await().atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(scrape())
                .contains("sluice_consumer_pending{consumer=\"unread\",stream=\"ORDERS\",} 3.0"));
    }

    @Test
    void measuresTheTimeOfReceipts() {
        await().atMost(Timeouts.LIMIT)
                .until(() -> given().body("x").post("/v1/publish/orders.timed").statusCode() == 201);
        assertThat(scrape()).containsPattern("sluice_publish_ack_seconds_bucket\\{le=\"5.0\",} [1-9]");
    }

    @Test
    void answersAScrapeWhileNatsIsUnavailable() {
        server.freeze();
        try {
            assertTimeoutPreemptively(
                    TIMEOUT_OF_NATS, () -> given().get("/q/metrics").then().statusCode(200));
        } finally {
            server.thaw();
        }
    }

    private static String scrape() {
        return given().get("/q/metrics").asString();
    }

    private static Set<String> names(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(name -> name.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
