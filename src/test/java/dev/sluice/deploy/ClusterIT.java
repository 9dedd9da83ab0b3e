package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.FreePorts;
import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import dev.sluice.support.Timeouts;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The profile {@code cluster} of {@code docker/compose.yaml} without a container engine: the same certificates, server
 * configuration and service environment, with ports of this machine in place of host names. Skipped if there is no
 * openssl on the PATH, unless {@code -Dopenssl=required} is set.
 */
@Tag("slow")
class ClusterIT {
    private static final Path DOCKER = Path.of("docker");
    private static final List<String> NAMES = List.of("nats-1", "nats-2", "nats-3");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, NatsServer> servers = new HashMap<>();
    private final Map<String, Integer> monitors = new HashMap<>();
    private PackagedService service;

    @BeforeEach
    void start() throws Exception {
        requireOpenssl();
        List<String> certificates = new ArrayList<>(
                List.of("sh", DOCKER.resolve("nats/certificates.sh").toString(), folder.toString()));
        certificates.addAll(NAMES);
        run(certificates);
        Map<String, String> environment = new HashMap<>();
        JsonNode compose = YamlFile.read(DOCKER.resolve("compose.yaml")).path("services");
        compose.path("sluice-cluster")
                .path("environment")
                .fields()
                .forEachRemaining(variable -> environment.put(
                        variable.getKey(), variable.getValue().asText().replace("/tls/", folder + "/")));
        run(List.of("sh", "-c", javaInFront() + keytool(compose)));
        startServers();
        environment.put(
                "SLUICE_NATS_SERVERS",
                servers.values().stream()
                        .map(server -> "tls://127.0.0.1:" + server.port())
                        .collect(Collectors.joining(",")));
        service = new PackagedService(PackagedService.jar(), folder.resolve("service.log"), environment);
        service.awaitReady();
    }

    @AfterEach
    void stop() {
        if (service != null) {
            service.close();
        }
        servers.values().forEach(NatsServer::close);
    }

    @Test
    void storesOnThreeServersAndContinuesWithTwo() throws Exception {
        assertThat(publish("orders.first")).isEqualTo(201);
        JsonNode stream = ordersStream();
        assertThat(stream.path("replicas")).hasSize(2);

        servers.get(stream.path("leader").asText()).kill();

        await().atMost(Timeouts.LIMIT).until(() -> publish("orders.second") == 201);
    }

    private void startServers() throws IOException {
        Map<String, Integer> routes = NAMES.stream().collect(Collectors.toMap(name -> name, name -> FreePorts.next()));
        String configuration = Files.readString(DOCKER.resolve("nats/cluster.conf"));
        for (String name : NAMES) {
            monitors.put(name, FreePorts.next());
            String here = ("server_name: " + name + "\n" + configuration)
                    .replace("0.0.0.0:8222", "127.0.0.1:" + monitors.get(name))
                    .replace("0.0.0.0:6222", "127.0.0.1:" + routes.get(name))
                    .replace("/tls/", folder + "/");
            for (String other : NAMES) {
                here = here.replace(other + ":6222", "127.0.0.1:" + routes.get(other));
            }
            servers.put(name, NatsServer.started(here));
        }
    }

    /** Returns the cluster state of {@code ORDERS} from a monitoring port, which the health check uses too. */
    private JsonNode ordersStream() throws Exception {
        for (int port : monitors.values()) {
            JsonNode answer = JSON.readTree(http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/jsz?streams=true"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body());
            for (JsonNode stream : answer.path("account_details").path(0).path("stream_detail")) {
                if (stream.path("name").asText().equals("ORDERS")) {
                    return stream.path("cluster");
                }
            }
        }
        throw new AssertionError("No server has the stream ORDERS");
    }

    private int publish(String subject) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(service.uri("/v1/publish/" + subject))
                                .POST(HttpRequest.BodyPublishers.ofString("x"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private String keytool(JsonNode compose) {
        return compose.path("truststore").path("entrypoint").path(2).asText().replace("/tls/", folder + "/");
    }

    /** The image has the JRE on its PATH; this machine may not. */
    private static String javaInFront() {
        return "PATH=" + Path.of(System.getProperty("java.home"), "bin") + File.pathSeparator + "$PATH; ";
    }

    private void run(List<String> command) throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    }

    private static void requireOpenssl() {
        boolean found = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "openssl")));
        String missing = "No openssl on the PATH: on Debian apt-get install openssl";
        if (!found && System.getProperty("openssl", "optional").equals("required")) {
            throw new AssertionError(missing);
        }
        if (!found) {
            abort(missing + "; the cluster of docker/compose.yaml was not tried");
        }
    }
}
