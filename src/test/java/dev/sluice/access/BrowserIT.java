package dev.sluice.access;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.EdgeResource;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.NatsSpy;
import dev.sluice.support.RawClient;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.TokenIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Credentials of a real browser over HTTPS instead of a header: the cookie with its attributes, and tickets. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = SecuredResource.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(
        value = EdgeResource.class,
        restrictToAnnotatedClass = true,
        initArgs = @ResourceArg(name = "quarkus.http.cors.enabled", value = "false"))
@Tag("slow")
class BrowserIT {
    /** An origin of the same site as the service: its requests carry the cookie in spite of SameSite. */
    private static final String NEIGHBOUR = "https://localhost:44444/";

    private static final String FETCH = """
            ([url, method]) => fetch(url, {method, mode: 'no-cors', credentials: 'include', body: method === 'GET' ? null : 'hello'})
              .then(answer => answer.type)""";
    /** Opens an event stream and returns its first status event, or {@code closed}. */
    private static final String TAIL = """
            url => new Promise(done => {
              const source = new EventSource(url, {withCredentials: true})
              source.addEventListener('status', event => { source.close(); done(event.data) })
              source.onerror = () => { if (source.readyState === EventSource.CLOSED) done('closed') }
            })""";

    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @SecuredResource.Issuer
    TokenIssuer issuer;

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI plain;

    @TestHTTPResource(value = "/", tls = true)
    URI secure;

    private BrowserContext context;
    private Page page;

    @BeforeEach
    void openTab() {
        context = browser.context(new Browser.NewContextOptions().setIgnoreHTTPSErrors(true));
        page = context.newPage();
    }

    @Test
    void tailsAndPublishesWithTheCookieOfItsOwnPage() {
        logIn();
        page.navigate(secure + "?subject=logs.web.>");
        assertThat(page.locator("#state")).hasText("connected");

        assertThat(publishFromPage().status()).isEqualTo(202);

        assertThat(page.locator("#events")).containsText("hello");
    }

    @Test
    void saysPlainlyWhatItsCallerMayNotSee() {
        logIn();
        page.navigate(secure + "?view=dead-letters");
        assertThat(page.locator("#page [role=alert]")).containsText("may not consume anything of DEAD_LETTERS");

        page.navigate(secure + "?view=buckets&bucket=PRICES");
        assertThat(page.locator("#page .list [role=alert]")).containsText("may not read PRICES.>");

        page.navigate(secure + "?view=streams");
        assertThat(page.locator("#page")).containsText("There is no stream that this caller may see.");
    }

    @Test
    void showsTheCookieToNoScript() {
        logIn();

        page.navigate(secure.toString());

        assertThat(page.evaluate("document.cookie")).isEqualTo("");
    }

    @Test
    void publishesNothingForAPageOfAnotherOriginAlthoughTheCookieIsSent() {
        logIn();
        visitNeighbour();

        try (NatsSpy spy = new NatsSpy(server);
                RawClient fence = new RawClient(server)) {
            Response refused = publishFromPage();

            assertThat(refused.request().allHeaders().get("cookie")).contains("__Host-sluice=");
            assertThat(refused.status()).isEqualTo(403);
            fence.publish("fence", "");
            assertThat(spy.heardUntil("fence")).noneMatch(heard -> heard.startsWith("logs.web"));
        }
    }

    @Test
    void showsNoTailToAPageOfAnotherOriginAlthoughTheCookieIsSent() {
        logIn();
        visitNeighbour();

        Response refused = fetchFromPage("GET", "v1/events?subject=logs.web.info");

        assertThat(refused.request().allHeaders().get("cookie")).contains("__Host-sluice=");
        assertThat(refused.status()).isEqualTo(403);
    }

    @Test
    void opensOneTailWithATicketAndNoOther() {
        page.navigate(secure.toString());
        String address = secure + "v1/events?subject=logs.web.>&ticket=" + ticket();

        assertThat(page.evaluate(TAIL, address)).isEqualTo("{\"nats\":\"connected\"}");
        assertThat(page.evaluate(TAIL, address)).isEqualTo("closed");
    }

    /** Sets the cookie as a login service does: on the service's own host, with a response header. */
    private void logIn() {
        String cookie = "__Host-sluice=" + issuer.token("web") + "; HttpOnly; Secure; SameSite=Strict; Path=/";
        page.route(
                "**/login",
                route -> route.fulfill(new Route.FulfillOptions().setHeaders(Map.of("Set-Cookie", cookie))));
        page.navigate(secure + "login");
    }

    private void visitNeighbour() {
        context.grantPermissions(
                List.of("local-network-access"), new BrowserContext.GrantPermissionsOptions().setOrigin(NEIGHBOUR));
        page.route(
                NEIGHBOUR,
                route -> route.fulfill(
                        new Route.FulfillOptions().setContentType("text/html").setBody("hello")));
        page.navigate(NEIGHBOUR);
    }

    private Response publishFromPage() {
        return fetchFromPage("POST", "v1/publish/logs.web.info?ack=none");
    }

    private Response fetchFromPage(String method, String target) {
        String url = secure + target;
        return page.waitForResponse(url, () -> page.evaluate(FETCH, List.of(url, method)));
    }

    private String ticket() {
        try (HttpExchange exchange = new HttpExchange(plain.getPort())) {
            String answer = exchange.send("POST /v1/tickets HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
                            + "Authorization: Bearer " + issuer.token("web") + "\r\n\r\n")
                    .head()
                    .body();
            return answer.replaceAll(".*\"ticket\":\"([^\"]+)\".*", "$1");
        }
    }
}
