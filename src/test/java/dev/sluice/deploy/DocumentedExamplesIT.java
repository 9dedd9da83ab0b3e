package dev.sluice.deploy;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.sluice.nats.NatsLinks;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.nats.client.api.ServerInfo;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the examples of the documentation and compares their output with the documented output. The examples of a page
 * run in order. All pages use one service; the streams are empty for the first page.
 */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@TestProfile(DocumentedExamplesIT.LikeDevelopment.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DocumentedExamplesIT {
    @TestHTTPResource
    URI service;

    @Inject
    NatsLinks links;

    @TempDir
    Path folder;

    private ExampleShell shell;

    @BeforeEach
    void openShell() {
        for (String command : List.of("bash", "curl")) {
            if (!ExampleShell.has(command)) {
                abort("No " + command + " on the PATH; the examples of the pages were not tried");
            }
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> given().get("/q/health/ready").statusCode() == 200);
        shell = new ExampleShell(folder, service.toString());
    }

    @AfterEach
    void closeShell() {
        if (shell != null) {
            shell.close();
        }
    }

    @TestFactory
    @Order(1)
    Stream<DynamicTest> http() {
        return examplesOf("docs/HTTP.md");
    }

    @TestFactory
    @Order(2)
    Stream<DynamicTest> readme() {
        return examplesOf("README.md");
    }

    @TestFactory
    @Order(2)
    Stream<DynamicTest> clients() {
        return examplesOf("docs/CLIENTS.md");
    }

    @TestFactory
    @Order(2)
    Stream<DynamicTest> patterns() {
        return examplesOf("docs/PATTERNS.md");
    }

    @TestFactory
    @Order(2)
    Stream<DynamicTest> state() throws IOException {
        Files.write(folder.resolve("film.mp4"), new byte[300_000]);
        return examplesOf("docs/STATE.md");
    }

    @TestFactory
    @Order(2)
    Stream<DynamicTest> runbook() {
        given().body("not an order").post("/v1/publish/orders.created").then().statusCode(201);
        await().atMost(Timeouts.LIMIT).until(() -> lastDeadLetter() != null);
        shell.replacing("/dead-letters/17", "/dead-letters/" + lastDeadLetter());
        return examplesOf("docs/RUNBOOK.md");
    }

    private static Integer lastDeadLetter() {
        return given().get("/v1/dead-letters?stream=ORDERS").path("dead_letters[0].seq");
    }

    private Stream<DynamicTest> examplesOf(String page) {
        List<Example> examples = Example.of(Path.of(page));
        assertThat(examples).as("examples of " + page).isNotEmpty();
        List<DynamicTest> tests = new ArrayList<>();
        examples.forEach(example -> tests.add(dynamicTest(example.title(), () -> tryOut(example))));
        examples.stream()
                .filter(example -> example.manual().isEmpty() && example.staysOpen())
                .forEach(example ->
                        tests.add(dynamicTest(example.title() + " shows it all", () -> shell.awaitShown(example))));
        return tests.stream();
    }

    private void tryOut(Example example) {
        example.manual().ifPresent(reason -> abort("Not tried, as it needs " + reason + ":\n" + example.script()));
        for (String command : example.needs()) {
            if (!ExampleShell.has(command)) {
                abort("No " + command + " on the PATH; not tried:\n" + example.script());
            }
        }
        ServerInfo server = links.publishing().connection().getServerInfo();
        if (!example.server().map(server::isSameOrNewerThanVersion).orElse(true)) {
            abort("Not tried with nats-server " + server.getVersion() + ":\n" + example.script());
        }
        if (example.staysOpen()) {
            shell.start(example);
        } else {
            shell.run(example);
        }
    }

    /** Enables the stream {@code LOGS}, as in development. */
    public static final class LikeDevelopment implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("sluice.topology.streams.LOGS.enabled", "true");
        }
    }
}
