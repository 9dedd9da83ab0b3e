package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tag {@code uri} of the HTTP metrics: the template of each described path, and nothing that a client invents. */
class HttpMetricPathsTest {
    private static final String PATTERNS = "quarkus.micrometer.binder.http-server.match-patterns";
    private static final String PARAMETER = "\\{\\w+}";

    private final Map<String, String> templates = templates();

    static Stream<String> described() throws IOException {
        try (InputStream openapi = HttpMetricPathsTest.class.getResourceAsStream("/META-INF/openapi.yaml")) {
            return new ObjectMapper(new YAMLFactory())
                    .readTree(openapi).path("paths").properties().stream()
                            .map(Map.Entry::getKey)
                            .filter(path -> path.startsWith("/v1/"));
        }
    }

    @ParameterizedTest
    @MethodSource("described")
    void isTheTemplateOfAPath(String path) {
        assertThat(uri(path.replaceAll(PARAMETER, "x")).replaceAll(PARAMETER, "{}"))
                .isEqualTo(path.replaceAll(PARAMETER, "{}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/v1/unknown", "/v1/streams/a/b", "/v1/buckets/a/keys/", "/console/main.js", "/v2/publish/a"})
    void isNoPathThatDoesNotExist(String path) {
        assertThat(uri(path)).isEqualTo("OTHER");
    }

    @Test
    void keepsSlashesOfAKeyOutOfTheTemplate() {
        assertThat(uri("/v1/buckets/menu/keys/tea/green")).isEqualTo("/v1/buckets/{bucket}/keys/{key}");
    }

    /** Returns the template of the first pattern that matches, as the metrics of Quarkus do. */
    private String uri(String path) {
        return templates.entrySet().stream()
                .filter(entry -> path.matches(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(path);
    }

    private static Map<String, String> templates() {
        Properties properties = new Properties();
        try (InputStream file = HttpMetricPathsTest.class.getResourceAsStream("/application.properties")) {
            properties.load(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        Map<String, String> templates = new LinkedHashMap<>();
        for (String pair : properties.getProperty(PATTERNS).split(",")) {
            String[] parts = pair.strip().split("=", 2);
            templates.put(parts[0], parts[1]);
        }
        return templates;
    }
}
