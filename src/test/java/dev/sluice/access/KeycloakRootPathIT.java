package dev.sluice.access;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.Keycloak;
import dev.sluice.support.KeycloakResource;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.PrefixProxy;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signing in at a real Keycloak, and out again, below a path of its own. */
@Tag("slow")
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = KeycloakResource.class, restrictToAnnotatedClass = true)
@TestProfile(KeycloakRootPathIT.BelowAPath.class)
class KeycloakRootPathIT {
    private static final double TIMEOUT_MILLIS = 60_000;

    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    Keycloak keycloak;

    @TestHTTPResource("/")
    URI root;

    @Test
    void signsInAndOut() {
        BrowserContext context = browser.context(new Browser.NewContextOptions());
        context.setDefaultTimeout(TIMEOUT_MILLIS);
        Page page = context.newPage();
        String address = root + "?subject=logs.web.%3E";
        page.navigate(address);
        Keycloak.signIn(page);
        assertThat(page).hasURL(address);
        assertThat(page.locator("#state")).hasText("connected");

        keycloak.tellEndsOfSessions(root + "session/back-channel-logout");
        keycloak.endSessions();
        assertThat(page.locator("#events")).containsText("not allowed any longer");
        Keycloak.signIn(page);

        page.getByText("Sign out").click();
        assertThat(page.getByText("Sign in", new Page.GetByTextOptions().setExact(true)))
                .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(TIMEOUT_MILLIS));
        assertThat(page.url()).startsWith(root.toString());
    }

    @Test
    void signsInAndOutThroughAProxyThatRemovesAPrefix() {
        try (PrefixProxy proxy = new PrefixProxy("/gateway", root.getPort())) {
            BrowserContext context = browser.context(new Browser.NewContextOptions());
            context.setDefaultTimeout(TIMEOUT_MILLIS);
            Page page = context.newPage();
            String front = proxy.root() + "sluice/";
            String address = front + "?subject=logs.web.%3E";

            page.navigate(address);
            Keycloak.signIn(page);
            assertThat(page).hasURL(address);
            assertThat(page.locator("#state")).hasText("connected");

            page.getByText("Sign out").click();
            assertThat(page.getByText("Sign in", new Page.GetByTextOptions().setExact(true)))
                    .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(TIMEOUT_MILLIS));
            assertThat(page).hasURL(front);
            context.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', https%3A%2F%2Fnats.example.com%2Fsluice%2Fsession%2Fcallback",
        "/gateway, https%3A%2F%2Fnats.example.com%2Fgateway%2Fsluice%2Fsession%2Fcallback"
    })
    void sendsTheBrowserBackToTheAddressOfTheProxy(String prefix, String callback) {
        String removed = prefix.isEmpty() ? "" : "X-Forwarded-Prefix: " + prefix + "\r\n";
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            HttpExchange answer = exchange.send("GET /sluice/session/sign-in HTTP/1.1\r\nHost: 10.0.0.1\r\n"
                            + "X-Forwarded-Proto: https\r\nX-Forwarded-Host: nats.example.com\r\n" + removed + "\r\n")
                    .head();

            assertThat(answer.status()).isBetween(302, 303);
            assertThat(answer.header("Location")).contains("redirect_uri=" + callback);
        }
    }

    /** As behind a proxy that forwards only this path. The root path is a build-time setting of Quarkus. */
    public static final class BelowAPath implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "quarkus.http.root-path", "/sluice",
                    "quarkus.http.proxy.proxy-address-forwarding", "true",
                    "quarkus.http.proxy.allow-x-forwarded", "true",
                    "quarkus.http.proxy.enable-forwarded-host", "true",
                    "quarkus.http.proxy.enable-forwarded-prefix", "true");
        }
    }
}
