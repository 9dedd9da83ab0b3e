package dev.sluice.deploy;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.FreePorts;
import dev.sluice.support.Keycloak;
import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The profile {@code keycloak} of {@code docker/compose.yaml} without a container engine: the same realm and environments,
 * with ports of this machine in place of host names. As there, browsers know Keycloak by another name than Sluice, and
 * Sluice starts before Keycloak.
 */
@Tag("slow")
class KeycloakProfileIT {
    private static final Path DOCKER = Path.of("docker");
    private static final double TIMEOUT_MILLIS = 60_000;

    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @TempDir
    Path folder;

    private final NatsServer nats = NatsServer.started();
    private final int keycloakPort = FreePorts.next();
    private PackagedService service;
    private Keycloak keycloak;
    private String root;
    private Page page;

    @BeforeEach
    void start() {
        service = new PackagedService(
                PackagedService.jar(), folder.resolve("service.log"), environment("sluice-keycloak"));
        service.awaitReady();
        root = "http://localhost:" + service.port() + "/";
        keycloak = Keycloak.launch("compose", keycloakPort, environment("keycloak"), realm -> realm.replace(
                        "http://localhost:8082/", root)
                .replace("http://sluice-keycloak:8080/", service.uri("/").toString()));
        BrowserContext context = browser.context(new Browser.NewContextOptions());
        context.setDefaultTimeout(TIMEOUT_MILLIS);
        page = context.newPage();
    }

    @AfterEach
    void stop() {
        if (keycloak != null) {
            keycloak.close();
        }
        if (service != null) {
            service.close();
        }
        nats.close();
    }

    @Test
    void signsInAndOut() {
        page.navigate(root + "?subject=logs.web.>");
        Keycloak.signIn(page);
        assertThat(page.locator("#state")).hasText("connected");

        keycloak.endSessions();
        assertThat(page.locator("#events")).containsText("not allowed any longer");
        Keycloak.signIn(page);

        page.locator("#session a").click();
        assertThat(page.locator("#session")).hasText("Sign in");
        assertThat(page).hasURL(root);
    }

    private Map<String, String> environment(String container) {
        JsonNode variables = YamlFile.read(DOCKER.resolve("compose.yaml"))
                .path("services")
                .path(container)
                .path("environment");
        Map<String, String> environment = new HashMap<>();
        variables
                .fields()
                .forEachRemaining(variable -> environment.put(
                        variable.getKey(),
                        variable.getValue()
                                .asText()
                                .replace("nats://nats:4222", nats.url())
                                .replace("http://keycloak:8080", "http://127.0.0.1:" + keycloakPort)
                                .replace("http://localhost:8083", "http://localhost:" + keycloakPort)));
        return environment;
    }
}
