package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.FreePorts;
import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import dev.sluice.support.SseClient;
import dev.sluice.support.Timeouts;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real Prometheus scrapes the packaged service under load and must have every series that alerts and dashboard query.
 * Skipped if prometheus or promtool is not on the PATH, unless {@code -Dprometheus=required} is set.
 */
@Tag("slow")
class MonitoringIT {
    private static final Path ALERTS = Path.of("docker/monitoring/alerts.yaml");
    private static final Path DASHBOARD = Path.of("k8s/components/monitoring/sluice.json");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port = FreePorts.next();
    private NatsServer nats;
    private PackagedService service;
    private Process prometheus;

    @BeforeEach
    void start() throws IOException {
        Promtool.require("prometheus");
        Promtool.require("promtool");
        nats = NatsServer.started();
        service = new PackagedService(
                PackagedService.jar(),
                folder.resolve("service.log"),
                Map.of("SLUICE_NATS_SERVERS", nats.url(), "SLUICE_ACCESS_MODE", "open"));
        service.awaitReady();
        Path configuration = folder.resolve("prometheus.yaml");
        Files.writeString(configuration, """
                global: {scrape_interval: 250ms, evaluation_interval: 250ms}
                rule_files: [%s]
                scrape_configs:
                  - job_name: sluice
                    metrics_path: /q/metrics
                    static_configs: [{targets: ["%s"]}]
                """.formatted(
                        ALERTS.toAbsolutePath(), service.management("/").getAuthority()));
        prometheus = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
    }

    @AfterEach
    void stop() {
        if (prometheus != null) {
            prometheus.destroyForcibly().onExit().join();
        }
        if (service != null) {
            service.close();
        }
        if (nats != null) {
            nats.close();
        }
    }

    @Test
    void answersEveryAlertAndEveryPanel() throws Exception {
        try (SseClient tail = SseClient.connected(service.port(), "?subject=orders.%3E")) {
            List<String> silent = new ArrayList<>(queries());
            await().atMost(Timeouts.LIMIT).pollInterval(Duration.ofMillis(500)).untilAsserted(() -> {
                use();
                silent.removeIf(this::answered);
                assertThat(silent).isEmpty();
            });
            tail.messages(1);
        }
        assertThat(get("/api/v1/rules").path("data").path("groups").findValuesAsText("health"))
                .isNotEmpty()
                .containsOnly("ok");
    }

    @Test
    void rulesPassTheChecksOfPrometheus() throws Exception {
        assertThat(Promtool.run(List.of("check", "rules", ALERTS.toString()), ""))
                .contains("SUCCESS");
    }

    /** The Accept headers of curl and of Prometheus. promtool does not read OpenMetrics. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "*/*",
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
            })
    void metricsPassTheChecksOfPrometheus(String accepted) throws Exception {
        use();
        String metrics = http.send(
                        HttpRequest.newBuilder(service.management("/q/metrics"))
                                .header("Accept", accepted)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        assertThat(metrics).contains("sluice_", "http_server_requests_seconds", "jvm_", "process_", "worker_pool_");
        assertThat(Promtool.run(List.of("check", "metrics"), metrics)).isEmpty();
    }

    /** Sends one request for each outcome that the metrics distinguish. */
    private void use() throws Exception {
        post("/v1/publish/orders.other", "x");
        post("/v1/publish/orders.created", "no order");
        post("/v1/orders", "{\"order_id\":\"M-%d\",\"amount\":1}".formatted(System.nanoTime()));
        post("/v1/publish/a..b", "x");
    }

    private void post(String path, String body) throws Exception {
        http.send(
                HttpRequest.newBuilder(service.uri(path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.discarding());
    }

    /**
     * Returns the queries of alerts and dashboard. Alerts compare with {@code bool}, so that they return a value when
     * they do not fire; Grafana's variables are replaced.
     */
    private static List<String> queries() throws IOException {
        JsonNode alerts = YamlFile.read(ALERTS);
        JsonNode dashboard = JSON.readTree(Files.readString(DASHBOARD));
        return Stream.concat(
                        alerts.findValuesAsText("expr").stream()
                                .map(query -> query.replaceFirst(" (==|>|<) (?=[0-9.]+$)", " $1 bool ")),
                        dashboard.findValuesAsText("expr").stream()
                                .map(query -> query.replace("$__rate_interval", "30s")
                                        .replace("$__range", "30s")
                                        .replace("$instance", ".*")))
                .toList();
    }

    private boolean answered(String query) {
        JsonNode answer = get("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
        assertThat(answer.path("status").asText()).as(query + ": " + answer).isEqualTo("success");
        JsonNode result = answer.path("data").path("result");
        return !result.isEmpty() && !result.findPath("value").path(1).asText().equals("NaN");
    }

    private JsonNode get(String path) {
        try {
            return JSON.readTree(http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body());
        } catch (IOException notYet) {
            throw new AssertionError(notYet);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
