package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that everything that {@code docker/} refers to exists. */
class ComposeTest {
    private static final Path FOLDER = Path.of("docker");

    private final JsonNode compose = YamlFile.read(FOLDER.resolve("compose.yaml"));

    @Test
    void setsKeysThatTheCodeReads() {
        List<String> variables = new ArrayList<>();
        compose.path("services")
                .forEach(service -> service.path("environment").fieldNames().forEachRemaining(variables::add));

        assertThat(variables)
                .filteredOn(variable -> variable.startsWith("SLUICE_"))
                .isNotEmpty()
                .allSatisfy(variable -> assertThat(ConfigKeys.knowsVariable(variable))
                        .as(variable)
                        .isTrue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SLUICE_TOPOLOGY_STREAMS_ORDERS_NO_KEY_REPLICAS",
                "SLUICE_TOPOLOGY_STREAMS_ORDERS_NO_KEY",
                "SLUICE_ACCESS_ROLES_WEB_NO_KEY_ALLOW"
            })
    void theCodeDoesNotReadAMisspeltKey(String variable) {
        assertThat(ConfigKeys.knowsVariable(variable)).isFalse();
    }

    @Test
    void mountsFilesThatExistAndVolumesThatAreDeclared() {
        compose.path("services").forEach(service -> service.path("volumes").forEach(volume -> {
            String source = volume.asText().split(":")[0];
            if (source.startsWith(".")) {
                assertThat(FOLDER.resolve(source)).exists();
            } else {
                assertThat(compose.path("volumes").has(source)).as(source).isTrue();
            }
        }));
    }

    @Test
    void waitsForServicesThatExistAndReportTheirHealth() {
        compose.path("services")
                .forEach(service -> service.path("depends_on").fields().forEachRemaining(needed -> {
                    JsonNode other = compose.path("services").path(needed.getKey());
                    assertThat(other.isMissingNode()).as(needed.getKey()).isFalse();
                    if (needed.getValue().path("condition").asText().equals("service_healthy")) {
                        assertThat(other.has("healthcheck")).as(needed.getKey()).isTrue();
                    }
                }));
    }

    @Test
    void hasTheSameAlertsEverywhereAndInTheRunbook() throws IOException {
        JsonNode groups =
                YamlFile.read(FOLDER.resolve("monitoring/alerts.yaml")).path("groups");
        String runbook = Files.readString(Path.of("docs/RUNBOOK.md"));

        assertThat(YamlFile.read(Path.of("k8s/components/monitoring/alerts.yaml"))
                        .path("spec")
                        .path("groups"))
                .isEqualTo(groups);
        List<String> alerts = groups.findValuesAsText("alert");
        assertThat(runbook.lines().filter(line -> line.startsWith("## Sluice")).map(line -> line.substring(3)))
                .containsExactlyElementsOf(alerts);
        assertThat(groups.findValuesAsText("runbook"))
                .containsExactlyElementsOf(alerts.stream()
                        .map(alert -> "docs/RUNBOOK.md#" + alert.toLowerCase(java.util.Locale.ROOT))
                        .toList());
    }

    @Test
    void copiesFilesThatTheBuildContextHas() throws IOException {
        List<String> allowed = Files.readAllLines(Path.of(".dockerignore"));
        Stream<String> sources = Files.readAllLines(FOLDER.resolve("Dockerfile.jvm")).stream()
                .filter(line -> line.startsWith("COPY "))
                .flatMap(line -> Stream.of(line.split(" ")).skip(1))
                .filter(part -> part.contains("docker/") || part.contains("target/"));

        assertThat(sources).isNotEmpty().allSatisfy(source -> assertThat(allowed)
                .anyMatch(line -> line.startsWith("!") && source.startsWith(line.substring(1))));
    }
}
