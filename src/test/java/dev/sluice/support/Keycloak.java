package dev.sluice.support;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.awaitility.Awaitility;

/**
 * A real Keycloak on this JDK, with the realm of {@code docker/keycloak/realm.json}: one client and the user {@code tea}
 * with the role {@code web}. Tokens are valid for 15 s, and it tells nobody that a session has ended. It keeps its port and its data across restarts.
 */
public final class Keycloak implements AutoCloseable {
    public static final String CLIENT = "sluice";
    public static final String SECRET = "the-secret-of-a-client-in-development";
    public static final String USER = "tea";
    public static final String PASSWORD = "leaves";

    private static final String ADMIN = "admin";
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port;
    private final Map<String, String> environment;
    private final Path home;
    private Process process;

    private Keycloak(int port, Map<String, String> environment, Path home) {
        this.port = port;
        this.environment = Map.copyOf(environment);
        this.home = home;
        start();
    }

    /** Returns a started Keycloak. If its archive is missing, the test is skipped, or fails with {@code -Dkeycloak=required}. */
    public static Keycloak launch() {
        return launch(
                "tests",
                FreePorts.next(),
                Map.of("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD", ADMIN),
                Keycloak::forTests);
    }

    /**
     * As {@link #launch()}, on a given port.
     *
     * @param purpose names its folder: servers of different purposes can run at the same time
     * @param environment names the administrator {@code admin}, with this password
     * @param change what is changed in the realm of {@code docker/keycloak/realm.json}
     */
    public static Keycloak launch(
            String purpose, int port, Map<String, String> environment, UnaryOperator<String> change) {
        Path archive = Path.of(System.getProperty("keycloak.zip", "keycloak.zip"));
        if (Files.isReadable(archive)) {
            return new Keycloak(port, environment, unpacked(archive, purpose, change));
        }
        String missing = "No Keycloak at " + archive + ": run ./mvnw dependency:get"
                + " -Dartifact=org.keycloak:keycloak-quarkus-dist:<keycloak.version>:zip -Dtransitive=false";
        if (System.getProperty("keycloak", "optional").equals("required")) {
            throw new AssertionError(missing);
        }
        return abort(missing + "; signing in was not tested");
    }

    public String realm() {
        return url() + "/realms/sluice";
    }

    private String url() {
        return "http://localhost:" + port;
    }

    /** Starts Keycloak and waits until the realm is there. */
    public void start() {
        ProcessBuilder builder = new ProcessBuilder(
                        "sh",
                        home.resolve("bin/kc.sh").toString(),
                        "start-dev",
                        "--http-host=localhost",
                        "--http-port=" + port,
                        "--import-realm")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve("keycloak.log").toFile()));
        builder.environment()
                .putAll(Map.of("JAVA_HOME", System.getProperty("java.home"), "JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m"));
        builder.environment().putAll(environment);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(500)).until(this::there);
    }

    /** Signs the user in, from a page of Sluice on which nobody is signed in. */
    public static void signIn(Page page) {
        assertThat(page.locator("#session")).hasText("Sign in");
        page.locator("#session a").click();
        page.locator("#username").fill(USER);
        page.locator("#password").fill(PASSWORD);
        page.locator("#kc-login").click();
        assertThat(page.locator("#session")).containsText(USER);
    }

    /** Stops Keycloak as an operator does. A kill could lose a session that began just before. */
    public void stop() {
        List<ProcessHandle> all = processes();
        all.forEach(ProcessHandle::destroy);
        all.forEach(one ->
                one.onExit().orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS).join());
    }

    /** Returns a new access token of the user. */
    public String token() {
        return token(
                "sluice", Map.of("client_id", CLIENT, "client_secret", SECRET, "username", USER, "password", PASSWORD));
    }

    /** Signs with a new key from now on. The previous key remains published. */
    public void rotateKey() {
        JsonNode realm = admin("GET", "", null);
        admin(
                "POST",
                "/components",
                Map.of(
                        "name", "newer",
                        "providerId", "rsa-generated",
                        "providerType", "org.keycloak.keys.KeyProvider",
                        "parentId", realm.get("id").asText(),
                        "config", Map.of("priority", List.of("1000"))));
    }

    /** Ends all sessions of the user, as an administrator does. */
    public void endSessions() {
        String user =
                admin("GET", "/users?username=" + USER, null).get(0).get("id").asText();
        admin("POST", "/users/" + user + "/logout", Map.of());
    }

    /** Sets how long new access tokens are valid. */
    public void tokensLast(Duration lifespan) {
        admin("PUT", "", Map.of("accessTokenLifespan", lifespan.toSeconds()));
    }

    /** Tells this address when a session ends (back-channel logout); an empty one for none. */
    public void tellEndsOfSessions(String address) {
        tellEnds(address, true);
    }

    /** Tells this address the user whose sessions end, and not which of them. */
    public void tellUsersWhoseSessionsEnd(String address) {
        tellEnds(address, false);
    }

    private void tellEnds(String address, boolean session) {
        ObjectNode client =
                (ObjectNode) admin("GET", "/clients?clientId=" + CLIENT, null).get(0);
        client.withObject("/attributes")
                .put("backchannel.logout.url", address)
                .put("backchannel.logout.session.required", Boolean.toString(session));
        admin("PUT", "/clients/" + client.get("id").asText(), client);
    }

    /** Returns the address at which a user signs out of Keycloak, and with it of all applications. */
    public String signOut() {
        return realm() + "/protocol/openid-connect/logout";
    }

    @Override
    public void close() {
        processes().forEach(ProcessHandle::destroyForcibly);
        processes().forEach(one -> one.onExit().join());
    }

    private List<ProcessHandle> processes() {
        return Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
    }

    private boolean there() {
        if (!process.isAlive()) {
            throw new AssertionError("Keycloak ended; its log: " + home.resolve("keycloak.log"));
        }
        try {
            return send(HttpRequest.newBuilder(URI.create(realm()))).statusCode() == 200;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    private JsonNode admin(String method, String path, Object body) {
        String token = token("master", Map.of("client_id", "admin-cli", "username", ADMIN, "password", ADMIN));
        try {
            HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(url() + "/admin/realms/sluice" + path))
                    .header("Authorization", "Bearer " + token)
                    .header("Content-Type", "application/json")
                    .method(
                            method,
                            body == null
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))));
            if (answer.statusCode() >= 300) {
                throw new AssertionError(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
            }
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String token(String realm, Map<String, String> user) {
        String form = Stream.concat(
                        user.entrySet().stream(),
                        Stream.of(Map.entry("grant_type", "password"), Map.entry("scope", "openid")))
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        HttpResponse<String> answer =
                send(HttpRequest.newBuilder(URI.create(url() + "/realms/" + realm + "/protocol/openid-connect/token"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form)));
        try {
            return JSON.readTree(answer.body()).get("access_token").asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Returns the folder of Keycloak with an empty database. Keycloak builds itself at its first start, so it is kept. */
    private static Path unpacked(Path archive, String purpose, UnaryOperator<String> change) {
        try {
            String name = archive.getFileName()
                    .toString()
                    .replace("-quarkus-dist", "")
                    .replace(".zip", "");
            // Test JVMs run beside each other, and two servers cannot share a database.
            Path home = Path.of("target", name + "-" + ProcessHandle.current().pid() + "-" + purpose)
                    .toAbsolutePath();
            if (Files.notExists(home)) {
                Path part = Files.createTempDirectory(home.getParent(), "keycloak");
                unpack(archive, part);
                Files.move(part.resolve(name), home);
                Files.delete(part);
            }
            delete(home.resolve("data"));
            Files.writeString(
                    Files.createDirectories(home.resolve("data/import")).resolve("sluice-realm.json"),
                    change.apply(Files.readString(Path.of("docker/keycloak/realm.json"))));
            return home;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String forTests(String realm) {
        return realm.replace("\"accessTokenLifespan\": 300", "\"accessTokenLifespan\": 15")
                .replace("http://localhost:8082/session/callback", "*")
                .replace("http://localhost:8082/", "+")
                .replace("http://sluice-keycloak:8080/session/back-channel-logout", "");
    }

    private static void unpack(Path archive, Path folder) throws IOException {
        try (InputStream file = Files.newInputStream(archive);
                ZipInputStream zip = new ZipInputStream(file)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException("outside of the archive: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(zip, target);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
