package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Certificates;
import dev.sluice.support.FreePorts;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import dev.sluice.support.TokenIssuer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service in its own process, with the production profile. */
@Tag("slow")
class PackagedIT {

    private static final String SECRET = "a-secret-of-32-bytes-for-a-test-x";

    private final TokenIssuer issuer = new TokenIssuer();
    private final HttpClient http = HttpClient.newHttpClient();
    private final int port = FreePorts.next();
    private final int managementPort = FreePorts.next();
    private NatsServer nats;
    private Process service;
    private Path log;

    @BeforeEach
    void startNats(@TempDir Path folder) {
        nats = NatsServer.started();
        log = folder.resolve("service.log");
    }

    @AfterEach
    void stop() {
        if (service != null) {
            service.destroyForcibly().onExit().join();
        }
        nats.close();
        issuer.close();
    }

    @Test
    void usesTheServerThatTheEnvironmentNames() throws Exception {
        start(Map.of("SLUICE_NATS_SERVERS", nats.url(), "SLUICE_ACCESS_MODE", "open"));
        awaitReady();

        assertThat(post("/v1/publish/logs.web.info?ack=none")).isEqualTo(202);
        assertThat(Files.readString(log)).contains("sluice.access.mode=open");
    }

    @Test
    void hasNeitherDemoTrafficNorChecksOnThePortOfThePage() throws Exception {
        start(Map.of("SLUICE_NATS_SERVERS", nats.url(), "SLUICE_ACCESS_MODE", "open"));
        awaitReady();

        assertThat(post("/demo")).isEqualTo(404);
        assertThat(get("/session").body()).isEqualTo("{}");
        assertThat(get("/q/health").statusCode()).isEqualTo(404);
    }

    @Test
    void acceptsAnUnencodedWildcardInTheQuery() throws Exception {
        start(Map.of("SLUICE_NATS_SERVERS", nats.url(), "SLUICE_ACCESS_MODE", "open"));
        awaitReady();

        try (Tail tail = new Tail("/v1/events?subject=logs.>")) {
            assertThat(tail.readUntil("data: {\"nats\":\"connected\"}")).first().isEqualTo("HTTP/1.1 200 OK");
        }
    }

    @Test
    void closesTheTailsBeforeItStops() throws Exception {
        start(Map.of("SLUICE_NATS_SERVERS", nats.url(), "SLUICE_ACCESS_MODE", "open"));
        awaitReady();

        try (Tail tail = new Tail("/v1/events")) {
            tail.readUntil("data: {\"nats\":\"connected\"}");
            service.destroy();
            assertThat(tail.readUntil("data: {\"reason\":\"shutdown\"}")).contains("event: closed");
        }
        assertThat(service.waitFor(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void disconnectsAClientThatSendsHeadersSlowlyAndNoTail() throws Exception {
        start(Map.of("SLUICE_NATS_SERVERS", nats.url(), "SLUICE_ACCESS_MODE", "open"));
        awaitReady();

        try (Tail tail = new Tail("/v1/events?subject=logs.>");
                Socket dribbling = new Socket("127.0.0.1", port);
                Socket again = new Socket("127.0.0.1", port)) {
            tail.readUntil("data: {\"nats\":\"connected\"}");
            write(again, "GET /q/none HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(again.getInputStream().read()).isEqualTo('H');
            write(dribbling, "GET / HTTP/1.1\r\nX: ");
            write(again, "GET / HTTP/1.1\r\nX: ");
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(200))
                    .atMost(Timeouts.LIMIT)
                    .until(() -> refusesAnotherByte(dribbling) && refusesAnotherByte(again));

            assertThat(post("/v1/publish/logs.web.info?ack=none")).isEqualTo(202);
            assertThat(tail.readUntil("")).isNotEmpty();
        }
    }

    /** 100 comes before 101 (RFC 9110, section 7.8): a client that gets 101 first waits on, and sends no body. */
    @Test
    void asksForTheBodyOfAClientThatWantsToUpgradeAndUpgradesOthers() throws Exception {
        start(Map.of("SLUICE_NATS_SERVERS", nats.url(), "SLUICE_ACCESS_MODE", "open"));
        awaitReady();

        try (HttpExchange exchange = new HttpExchange(port)) {
            exchange.send("POST /v1/publish/logs.web.info?ack=none HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                    + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
                    + "Expect: 100-continue\r\n\r\n");
            assertThat(exchange.head().status()).isEqualTo(100);
            assertThat(exchange.send("hello").head().status()).isEqualTo(202);
        }
        assertThat(get("/session").version()).isEqualTo(HttpClient.Version.HTTP_2);
    }

    @Test
    void servesHttpsWithTheDocumentedKeysAndItsChecksOverHttp(@TempDir Path folder) throws Exception {
        Certificates certificates = new Certificates(folder);
        certificates.make("edge", "dns:localhost");
        int securePort = FreePorts.next();
        start(
                Map.of("SLUICE_NATS_SERVERS", nats.url(), "SLUICE_ACCESS_MODE", "open"),
                "quarkus.tls.edge.key-store.pem.0.cert=" + certificates.certificate("edge"),
                "quarkus.tls.edge.key-store.pem.0.key=" + certificates.key("edge"),
                "quarkus.http.tls-configuration-name=edge",
                "quarkus.http.ssl-port=" + securePort);
        awaitReady();

        HttpResponse<String> page = trusting(certificates.trusting("edge"))
                .send(
                        HttpRequest.newBuilder(URI.create("https://localhost:" + securePort + "/session"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(Files.readString(Path.of("SECURITY.md")))
                .contains("`quarkus.tls.edge.key-store.pem.0.cert`", "`quarkus.http.tls-configuration-name=edge`");
    }

    private static HttpClient trusting(Path store) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(KeyStore.getInstance(store.toFile(), Certificates.PASSWORD.toCharArray()));
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(tls).build();
    }

    private static boolean refusesAnotherByte(Socket socket) {
        try {
            write(socket, "x");
            return false;
        } catch (IOException cutOff) {
            return true;
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void isNotReadyWhileNatsIsUnavailableAndRecoversByItself() throws Exception {
        nats.kill();
        start(Map.of("SLUICE_NATS_SERVERS", nats.url(), "SLUICE_ACCESS_MODE", "open"));
        Awaitility.await().atMost(Timeouts.LIMIT).until(() -> health("live") == 200);
        assertThat(health("ready")).isEqualTo(503);
        assertThat(post("/v1/publish/logs.web.info?ack=none")).isEqualTo(503);

        nats.start();

        awaitReady();
    }

    @Test
    void isNoLongerLiveAfterItGaveUp() throws Exception {
        nats.kill();
        start(Map.of(
                "SLUICE_NATS_SERVERS", nats.url(),
                "SLUICE_ACCESS_MODE", "open",
                "QUARKUS_PROFILE", "prod,bounded",
                "SLUICE_NATS_RECONNECT_WAIT", "100ms"));

        Awaitility.await().atMost(Timeouts.LIMIT).until(() -> health("live") == 503);
    }

    @Test
    void reportsAMissingServerInOneLine() throws Exception {
        start(Map.of("SLUICE_ACCESS_MODE", "open"));
        endsSaying("SLUICE_NATS_SERVERS");
    }

    @Test
    void reportsAMissingAccessModeInOneLine() throws Exception {
        start(Map.of("SLUICE_NATS_SERVERS", nats.url()));
        endsSaying("SLUICE_ACCESS_MODE");
    }

    @Test
    void reportsAMissingIssuerInOneLine() throws Exception {
        start(Map.of("SLUICE_NATS_SERVERS", nats.url(), "SLUICE_ACCESS_MODE", "secured"));
        endsSaying("QUARKUS_OIDC_AUTH_SERVER_URL");
    }

    @Test
    void reportsAMissingAudienceInOneLine() throws Exception {
        Map<String, String> environment = new HashMap<>(secured());
        environment.remove("QUARKUS_OIDC_TOKEN_AUDIENCE");
        start(environment);
        endsSaying("QUARKUS_OIDC_TOKEN_AUDIENCE");
    }

    @Test
    void reportsAMissingSecretInOneLine() throws Exception {
        Map<String, String> environment = new HashMap<>(secured());
        environment.remove("SLUICE_ACCESS_TOKEN_SECRET");
        start(environment);
        endsSaying("SLUICE_ACCESS_TOKEN_SECRET");
    }

    @Test
    void reportsTheRoleOfAnInvalidPatternInOneLine() throws Exception {
        Map<String, String> environment = new HashMap<>(secured());
        environment.put("SLUICE_ACCESS_ROLES_WEB_PUBLISH_ALLOW", "logs..x");
        start(environment);
        endsSaying("sluice.access.roles.web.publish.allow");
    }

    @Test
    void reportsEachValueThatIsOutOfBoundsInOneLine() throws Exception {
        start(Map.of(
                "SLUICE_NATS_SERVERS", nats.url(),
                "SLUICE_ACCESS_MODE", "open",
                "SLUICE_PULL_PREFETCH", "0",
                "SLUICE_NATS_RECONNECT_WAIT", "2h"));
        endsSaying("sluice.pull.prefetch must be at least 1");
        endsSaying("sluice.nats.reconnect-wait must be at most 1h");
    }

    @Test
    void requiresTokensAndRevealsNoSecret() throws Exception {
        start(secured());
        awaitReady();
        String token = issuer.token("web");

        assertThat(post("/v1/publish/logs.web.info?ack=none")).isEqualTo(401);
        assertThat(post("/v1/publish/logs.web.info?ack=none", token)).isEqualTo(202);
        assertThat(post("/v1/publish/logs.web.info?ack=none", token + "x")).isEqualTo(401);
        assertThat(post("/v1/publish/orders.created", token)).isEqualTo(403);
        assertThat(post("/v1/publish/logs.web.info?ack=none&access_token=" + token))
                .isEqualTo(400);

        String commandLine = Files.readString(Path.of("/proc", Long.toString(service.pid()), "cmdline"));
        assertThat(List.of(Files.readString(log), management("/q/metrics"), management("/q/health"), commandLine))
                .allSatisfy(text -> assertThat(text).doesNotContain(SECRET, token, token.substring(0, 40)));
        assertThat(management("/q/metrics")).contains("sluice_access_refused_total{reason=\"unauthenticated\",} 2.0");
    }

    private Map<String, String> secured() {
        return Map.of(
                "SLUICE_NATS_SERVERS",
                nats.url(),
                "SLUICE_ACCESS_TOKEN_SECRET",
                SECRET,
                "SLUICE_ACCESS_ROLES_WEB_PUBLISH_ALLOW",
                "logs.web.>",
                "QUARKUS_OIDC_AUTH_SERVER_URL",
                issuer.url(),
                "QUARKUS_OIDC_TOKEN_AUDIENCE",
                TokenIssuer.AUDIENCE);
    }

    private String management(String path) throws Exception {
        URI target = URI.create("http://127.0.0.1:" + managementPort + path);
        return http.send(HttpRequest.newBuilder(target).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private void endsSaying(String what) throws Exception {
        assertThat(service.waitFor(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(service.exitValue()).isNotZero();
        assertThat(Files.readAllLines(log))
                .filteredOn(line -> line.contains(what))
                .hasSize(1);
        assertThat(Files.readAllLines(log)).noneMatch(line -> line.startsWith("\tat "));
    }

    private void start(Map<String, String> environment, String... properties) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.management.port=" + managementPort,
                "-Dsluice.shutdown.unready=100ms"));
        Stream.of(properties).map(property -> "-D" + property).forEach(command::add);
        command.addAll(List.of("-jar", System.getProperty("sluice.jar")));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_") || name.startsWith("QUARKUS_OIDC_"));
        builder.environment().putAll(environment);
        service = builder.start();
    }

    private void awaitReady() {
        Awaitility.await().atMost(Timeouts.LIMIT).until(() -> health("ready") == 200);
    }

    private int health(String check) {
        try {
            return http.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + managementPort + "/q/health/" + check))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException notYet) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private int post(String path, String... token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .POST(HttpRequest.BodyPublishers.ofString("hello"));
        for (String bearer : token) {
            request.header("Authorization", "Bearer " + bearer);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** A client that sends the request target unchanged, as curl does and the JDK's client does not. */
    private final class Tail implements AutoCloseable {
        private final Socket socket = new Socket("127.0.0.1", port);
        private final BufferedReader lines;

        Tail(String target) throws IOException {
            socket.setSoTimeout((int) Timeouts.LIMIT.toMillis());
            lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String request = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        }

        List<String> readUntil(String last) throws IOException {
            List<String> read = new ArrayList<>();
            String line;
            do {
                line = lines.readLine();
                if (line == null) {
                    throw new AssertionError("ended before " + last + ": " + read);
                }
                read.add(line);
            } while (!line.equals(last));
            return read;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
