package dev.sluice.access;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.Keycloak;
import dev.sluice.support.KeycloakResource;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Tab;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    private static final Duration TOKEN_OF_A_TEST = Duration.ofMinutes(10);
    private static final double TIMEOUT_MILLIS = 60_000;
    private static final String OWN_ORIGIN = "\r\nOrigin: http://localhost:";

    private static final String PUBLISH = """
        subject => fetch('v1/publish/' + subject + '?ack=none', {method: 'POST', body: 'hello from the page'})
          .then(answer => answer.status)\
        """;
    /** Opens an event stream and keeps the reason for which it is closed. */
    private static final String WATCH = """
        () => {
          const source = new EventSource('v1/events?subject=logs.web.>&source=core')
          source.addEventListener('closed', event => { source.close(); document.title = event.data })
        }\
        """;

    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    Keycloak keycloak;

    @TestHTTPResource("/")
    URI root;

    private BrowserContext context;
    private Page page;

    @BeforeEach
    void openTab() {
        keycloak.tokensLast(TOKEN);
        keycloak.tellEndsOfSessions("");
        // Keycloak tells the end of one session only if it ends several of a user in one request.
        keycloak.endSessions();
        context = browser.context(new Browser.NewContextOptions());
        context.setDefaultTimeout(TIMEOUT_MILLIS);
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
    void signsInWithACodeThatOnlyTheBeginnerOfTheSignInCanExchange() {
        page.navigate(root.toString());

        Request redirected = page.waitForRequest(
                request -> request.url().startsWith(keycloak.realm() + "/protocol/openid-connect/auth?"),
                () -> page.locator("#session a").click());

        assertThat(redirected.url())
                .contains("&code_challenge_method=S256")
                .containsPattern("&code_challenge=[\\w-]{43}&");
    }

    @ParameterizedTest
    @EnumSource(names = {"LIGHT", "DARK"})
    void isAccessibleAndLogsNothingWhenSignedIn(ColorScheme scheme) {
        Tab tab = browser.open(scheme, 1280, 800);
        page = tab.page();
        signIn("?subject=logs.web.>");
        assertThat(page.locator("#state")).hasText("connected");

        tab.violatesNothing();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?subject=logs.web.>", "?stream=ORDERS"})
    void logsNothingWhileATailIsRefusedToWhoIsNotSignedIn(String query) {
        page = browser.open().page();

        page.navigate(root + query);

        assertThat(page.locator("#session")).hasText("Sign in");
        assertThat(page.locator("nav a:visible")).hasText(new String[] {"Tail", "Health"});
        assertThat(page.locator("#state")).hasText("refused");
        assertThat(page.locator("#events")).containsText("A bearer token is required");
    }

    @Test
    void logsNothingWhileAViewIsRefusedToWhoIsNotSignedIn() {
        page = browser.open().page();

        page.navigate(root + "?view=streams&stream=ORDERS");

        assertThat(page.locator("#page [role=alert]")).containsText("A bearer token is required");
    }

    /** A proxy, or another application with its cookie, may have signed the user in. */
    @Test
    void asksWithABearerTokenAlthoughNobodyIsSignedIn() {
        keycloak.tokensLast(TOKEN_OF_A_TEST);
        context.setExtraHTTPHeaders(Map.of("Authorization", "Bearer " + keycloak.token()));

        page.navigate(root + "?subject=logs.web.>");

        assertThat(page.locator("#session")).hasText("Sign in");
        assertThat(page.locator("#state")).hasText("connected");
    }

    @Test
    void tellsThePageThatItCanSignIn() {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("GET / HTTP/1.1\r\nHost: localhost:" + root.getPort() + "\r\n\r\n");

            assertThat(exchange.head().status()).isEqualTo(200);
            assertThat(exchange.body()).contains("<html lang=\"en\" data-sign-in>");
        }
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
        String cookies = cookies();

        assertThat(publish(cookies + OWN_ORIGIN + root.getPort())).isEqualTo(202);
        assertThat(publish(cookies)).isEqualTo(403);
        assertThat(publish(cookies + "\r\nOrigin: https://evil.example")).isEqualTo(403);
        assertThat(publish(cookies.replace("__Host-", "") + OWN_ORIGIN + root.getPort()))
                .isEqualTo(401);
    }

    @Test
    void keepsATailOpenWhileTheSessionIsRenewed() {
        AtomicInteger opened = new AtomicInteger();
        page.onRequest(request -> {
            if (request.resourceType().equals("eventsource")) {
                opened.incrementAndGet();
            }
        });
        signIn("?subject=logs.web.>");
        assertThat(page.locator("#state")).hasText("connected");
        int before = opened.get();
        assertThat(before).isPositive();
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

    /** The tokens are valid for longer than the test waits. */
    @Test
    void closesTheTailAtOnceIfKeycloakTellsThatASessionHasEnded() {
        keycloak.tokensLast(TOKEN_OF_A_TEST);
        keycloak.tellEndsOfSessions(root + "session/back-channel-logout");
        signIn("?subject=logs.web.>");
        page.evaluate(WATCH);
        String cookies = cookies();

        keycloak.endSessions();

        assertThat(page).hasTitle("{\"reason\":\"forbidden\"}");
        assertThat(page.locator("#session")).hasText("Sign in");
        assertThat(session()).isEmpty();
        assertThat(publish(cookies + OWN_ORIGIN + root.getPort())).isEqualTo(401);
    }

    /** Without session ids in its logout tokens, Keycloak tells the end of all sessions of a user by one token. */
    @Test
    void closesTheTailsOfAUserWhoseSessionsHaveEndedAndLetsTheUserSignInAgain() {
        keycloak.tokensLast(TOKEN_OF_A_TEST);
        keycloak.tellUsersWhoseSessionsEnd(root + "session/back-channel-logout");
        signIn("?subject=logs.web.>");
        page.evaluate(WATCH);

        keycloak.endSessions();

        assertThat(page).hasTitle("{\"reason\":\"forbidden\"}");
        assertThat(page.locator("#session")).hasText("Sign in");
        Keycloak.signIn(page);
        assertThat(page.evaluate(PUBLISH, "logs.web.info")).isEqualTo(202);
    }

    @Test
    void endsTheSessionOfAUserThatSignsOutOfAnotherApplication() {
        keycloak.tokensLast(TOKEN_OF_A_TEST);
        keycloak.tellEndsOfSessions(root + "session/back-channel-logout");
        signIn("?subject=logs.web.>");
        assertThat(page.locator("#state")).hasText("connected");

        Page other = context.newPage();
        other.navigate(keycloak.signOut());
        other.locator("#kc-logout").click();

        assertThat(page.locator("#session")).hasText("Sign in");
        assertThat(page.locator("#events")).containsText("not allowed any longer");
        assertThat(page.locator("#state")).hasText("ended");
    }

    @Test
    void takesNoTokenButALogoutTokenForTheEndOfASession() {
        signIn("");
        page.evaluate(WATCH);

        assertThat(tellEnd("logout_token=" + keycloak.token())).isEqualTo(400);
        assertThat(tellEnd("logout_token=a.b.c")).isEqualTo(400);
        assertThat(tellEnd("")).isEqualTo(400);

        assertThat(page.evaluate(PUBLISH, "logs.web.info")).isEqualTo(202);
        assertThat(page).hasTitle(Pattern.compile("Sluice$"));
    }

    @Test
    void showsTheViewOfTheLinkWithWhichAUserCame() {
        signIn("?view=streams&stream=ORDERS");

        assertThat(page).hasURL(root + "?view=streams&stream=ORDERS");
        assertThat(page.locator("#page h2")).hasText("Streams / ORDERS");
    }

    @Test
    void opensTheMessageOfTheLinkWithWhichAUserCame() {
        signIn("?subject=logs.web.>&from=seq:3#3");

        assertThat(page).hasURL(root + "?subject=logs.web.%3E&from=seq:3#3");
    }

    @Test
    void showsThePageWithoutAViewAfterSigningOut() {
        signIn("?view=publish");

        signOut();
        assertThat(page).hasURL(root.toString());
        assertThat(page.locator("#tail")).isVisible();

        Keycloak.signIn(page);
        assertThat(page).hasURL(root.toString());
    }

    @Test
    void endsTheSessionAtKeycloakTooWhenThePageSignsOut() {
        signIn("");

        signOut();

        assertThat(session()).isEmpty();
        page.locator("#session a").click();
        assertThat(page.locator("#username")).isVisible();
    }

    /** The tokens are valid for longer than the test waits, and Keycloak does not tell that the session has ended. */
    @Test
    void endsTheTailsAndTheCopiedCookiesOfASessionThatSignsOut() {
        keycloak.tokensLast(TOKEN_OF_A_TEST);
        signIn("");
        Page other = context.newPage();
        other.navigate(root.toString());
        other.evaluate(WATCH);
        String copied = cookies();
        assertThat(publish(copied + OWN_ORIGIN + root.getPort())).isEqualTo(202);

        signOut();

        assertThat(other).hasTitle("{\"reason\":\"forbidden\"}");
        assertThat(publish(copied + OWN_ORIGIN + root.getPort())).isEqualTo(401);
        Keycloak.signIn(page);
        assertThat(page.evaluate(PUBLISH, "logs.web.info")).isEqualTo(202);
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
        try {
            assertThat(publish("Authorization: Bearer " + token)).isEqualTo(202);
        } finally {
            keycloak.start();
        }

        signIn("");
        assertThat(publish("Authorization: Bearer " + keycloak.token())).isEqualTo(202);
    }

    @Test
    void keepsTheSessionOfAPageWhileKeycloakIsAwayAndGoesOnWithItsTailWhenItIsBack() {
        signIn("?subject=logs.web.>");
        assertThat(page.locator("#state")).hasText("connected");

        try {
            page.waitForResponse(answer -> isSession(answer) && answer.status() == 503, keycloak::stop);
            assertThat(page.locator("#state")).hasText("ended");
            assertThat(page.locator("#events")).containsText("the sign-in cannot be checked now");
            assertThat(page.locator("#session")).containsText(Keycloak.USER);
            assertThat(session()).isNotEmpty();
        } finally {
            keycloak.start();
        }

        assertThat(page.locator("#state")).hasText("connected");
        assertThat(page.evaluate(PUBLISH, "logs.web.info")).isEqualTo(202);
        assertThat(page.locator("#events")).containsText("hello from the page");
    }

    private boolean isSession(Response answer) {
        return answer.url().equals(root + "session");
    }

    private void signIn(String query) {
        page.navigate(root + query);
        Keycloak.signIn(page);
    }

    private void signOut() {
        page.locator("#session a").click();
        confirmIfAsked();
        assertThat(page.locator("#session")).hasText("Sign in");
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

    private String cookies() {
        return session().stream().map(it -> it.name + "=" + it.value).collect(Collectors.joining("; ", "Cookie: ", ""));
    }

    private List<String> values() {
        return session().stream().map(cookie -> cookie.value).toList();
    }

    private int publish(String headers) {
        return post("/v1/publish/logs.web.info?ack=none", headers, "");
    }

    private int tellEnd(String form) {
        return post("/session/back-channel-logout", "Content-Type: application/x-www-form-urlencoded", form);
    }

    private int post(String path, String headers, String body) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            return exchange.send("POST " + path + " HTTP/1.1\r\nHost: localhost:" + root.getPort()
                            + "\r\nContent-Length: " + body.length() + "\r\n" + headers + "\r\n\r\n" + body)
                    .head()
                    .status();
        }
    }
}
