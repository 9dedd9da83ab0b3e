package dev.sluice.access;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.Keycloak;
import dev.sluice.support.KeycloakResource;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A real Keycloak and a real browser. The tokens of the realm are valid for 15 s, and a session is renewed in the last
 * 7 s of them.
 */
@Tag("slow")
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = KeycloakResource.class, restrictToAnnotatedClass = true)
class KeycloakIT {
    private static final Duration TOKEN = Duration.ofSeconds(15);
    private static final double PATIENCE_MILLIS = 60_000;

    private static final String PUBLISH = """
            subject => fetch('v1/publish/' + subject + '?ack=none', {method: 'POST', body: 'hello from the page'})
              .then(answer => answer.status)""";
    /** Opens an event stream and keeps the reason for which it is closed. */
    private static final String WATCH = """
            () => {
              const source = new EventSource('v1/events?subject=logs.web.>&source=core')
              source.addEventListener('closed', event => { source.close(); document.title = event.data })
            }""";

    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    Keycloak keycloak;

    @TestHTTPResource("/")
    URI root;

    private BrowserContext context;
    private Page page;

    @BeforeAll
    static void launch() {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
    }

    @BeforeEach
    void openTab() {
        context = browser.context(new Browser.NewContextOptions());
        context.setDefaultTimeout(PATIENCE_MILLIS);
        page = context.newPage();
    }

    @Test
    void signsInWithACookieThatOnlyThisHostAndNoScriptCanUse() {
        signIn("?subject=logs.web.>");

        assertThat(page.locator("#state")).hasText("connected");
        assertThat(URI.create(page.url()).getQuery()).isEqualTo("subject=logs.web.>");
        assertThat(session()).isNotEmpty().allSatisfy(cookie -> {
            assertThat(cookie.name).startsWith("__Host-q_session");
            assertThat(cookie.httpOnly).isTrue();
            assertThat(cookie.secure).isTrue();
            assertThat(cookie.path).isEqualTo("/");
            assertThat(cookie.domain).isEqualTo("localhost");
            assertThat(cookie.sameSite).isEqualTo(SameSiteAttribute.STRICT);
        });
        assertThat(page.evaluate("document.cookie")).isEqualTo("");
    }

    @Test
    void givesASessionThePermissionsOfItsRoles() {
        signIn("");

        assertThat(page.evaluate(PUBLISH, "logs.web.info")).isEqualTo(202);
        assertThat(page.evaluate(PUBLISH, "orders.created")).isEqualTo(403);
    }

    @Test
    void letsNoOtherPageUseTheSession() {
        signIn("");
        String cookies = session().stream().map(it -> it.name + "=" + it.value).collect(Collectors.joining("; "));

        assertThat(publish("Cookie: " + cookies + "\r\nOrigin: http://localhost:" + root.getPort()))
                .isEqualTo(202);
        assertThat(publish("Cookie: " + cookies)).isEqualTo(403);
        assertThat(publish("Cookie: " + cookies + "\r\nOrigin: https://evil.example"))
                .isEqualTo(403);
        assertThat(publish(
                        "Cookie: " + cookies.replace("__Host-", "") + "\r\nOrigin: http://localhost:" + root.getPort()))
                .isEqualTo(401);
    }

    @Test
    void keepsATailOpenWhileTheSessionIsRenewed() {
        AtomicInteger opened = new AtomicInteger();
        page.onRequest(request -> {
            if (request.url().contains("/v1/events")) {
                opened.incrementAndGet();
            }
        });
        signIn("?subject=logs.web.>");
        assertThat(page.locator("#state")).hasText("connected");
        int before = opened.get();
        List<String> first = values();

        page.waitForTimeout((double) TOKEN.multipliedBy(2).plusSeconds(3).toMillis());

        assertThat(values()).doesNotContainAnyElementsOf(first);
        assertThat(page.evaluate(PUBLISH, "logs.web.info")).isEqualTo(202);
        assertThat(page.locator("#events")).containsText("hello from the page");
        assertThat(opened.get()).isEqualTo(before);
    }

    @Test
    void closesTheTailOfASessionThatAnAdministratorEnds() {
        signIn("");
        page.evaluate(WATCH);

        keycloak.endSessions();

        assertThat(page).hasTitle("{\"reason\":\"forbidden\"}");
        assertThat(page.locator("#session")).hasText("Sign in");
    }

    @Test
    void endsTheSessionAtKeycloakTooWhenThePageSignsOut() {
        signIn("");

        page.locator("#session a").click();
        confirmIfAsked();

        assertThat(page.locator("#session")).hasText("Sign in");
        assertThat(session()).isEmpty();
        page.locator("#session a").click();
        assertThat(page.locator("#username")).isVisible();
    }

    @Test
    void followsAKeyRotation() {
        String before = keycloak.token();
        assertThat(publish("Authorization: Bearer " + before)).isEqualTo(202);

        keycloak.rotateKey();

        assertThat(publish("Authorization: Bearer " + keycloak.token())).isEqualTo(202);
        assertThat(publish("Authorization: Bearer " + before)).isEqualTo(202);
    }

    @Test
    void acceptsTokensWhileKeycloakIsAwayAndSignsInWhenItIsBack() {
        String token = keycloak.token();

        keycloak.stop();
        assertThat(publish("Authorization: Bearer " + token)).isEqualTo(202);

        keycloak.start();
        signIn("");
        assertThat(publish("Authorization: Bearer " + keycloak.token())).isEqualTo(202);
    }

    private void signIn(String query) {
        page.navigate(root + query);
        assertThat(page.locator("#session")).hasText("Sign in");
        page.locator("#session a").click();
        page.locator("#username").fill(Keycloak.USER);
        page.locator("#password").fill(Keycloak.PASSWORD);
        page.locator("#kc-login").click();
        assertThat(page.locator("#session")).containsText(Keycloak.USER);
    }

    private void confirmIfAsked() {
        Awaitility.await().until(() -> !page.url().contains("/session/sign-out"));
        if (page.locator("#kc-logout").isVisible()) {
            page.locator("#kc-logout").click();
        }
    }

    private List<Cookie> session() {
        return context.cookies(root.toString()).stream()
                .filter(cookie -> cookie.name.contains("q_session"))
                .toList();
    }

    private List<String> values() {
        return session().stream().map(cookie -> cookie.value).toList();
    }

    private int publish(String headers) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            return exchange.send("POST /v1/publish/logs.web.info?ack=none HTTP/1.1\r\nHost: localhost:" + root.getPort()
                            + "\r\nContent-Length: 0\r\n" + headers + "\r\n\r\n")
                    .head()
                    .status();
        }
    }
}
