package dev.sluice.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Tab;
import dev.sluice.support.TestStreams;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The first look at the page: nothing is there, and a button starts made-up traffic. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class DemoTrafficIT {
    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    @AfterEach
    void deleteStream() {
        given().delete("/v1/streams/DEMO");
    }

    @Test
    void startsFromTheEmptyPage() {
        Tab tab = browser.open();
        Page page = tab.page();
        page.navigate(root + "?subject=nothing.>");
        assertThat(page.locator("#empty")).isVisible();
        tab.press("Start a little demo traffic");

        assertThat(page).hasURL(root + "?subject=demo.%3E");
        assertThat(page.locator("#events")).containsText("demo.orders.created");
        assertThat(page.locator("#events")).containsText("demo.prices.changed");
        assertThat(page.locator("#events")).containsText("demo.logs.checkout.info");
    }

    @Test
    void hasAPositionAHistoryAndBars() {
        Tab tab = browser.open();
        Page page = tab.page();
        page.navigate(root + "?subject=nothing.>");
        tab.press("Start a little demo traffic");

        assertThat(page.locator("#position")).containsText("in DEMO");
        assertThat(page.locator("#position")).containsText("up to date");
        page.reload();
        assertThat(page.locator("#older")).isVisible();
        page.locator("#older").click();
        assertThat(page.locator("#told")).containsText(Pattern.compile("(\\d|No) older messages"));
        page.keyboard().press("Home");
        assertThat(page.locator("#events")).containsText("The beginning of what is stored");
        page.locator("#over-time").click();
        assertThat(page.locator("#histogram .bars")).isVisible();
    }

    @Test
    void keepsAStreamOfThatNameAsItIs() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("DEMO", "mine.>");

            given().contentType("application/json")
                    .body("{}")
                    .post("/demo")
                    .then()
                    .statusCode(202);

            given().get("/v1/streams/DEMO").then().body("subjects", contains("mine.>"));
        }
    }

    /** In development the log of the service comes at once. */
    @Test
    void explainsItselfWhileMessagesComeUntilItIsClosed() {
        Tab tab = browser.open();
        Page page = tab.page();
        page.navigate(root.toString());
        assertThat(page.locator("#state")).hasText("connected");
        log("started");

        assertThat(page.locator("#events")).containsText("started");
        assertThat(page.locator("#introduction")).containsText("What this is");
        page.locator("#introduction .close").click();
        assertThat(page.locator("#introduction")).isHidden();
        page.reload();
        assertThat(page.locator("#state")).hasText("connected");
        log("again");
        assertThat(page.locator("#events")).containsText("again");
        assertThat(page.locator("#introduction")).isHidden();

        page.locator("#keys").click();
        page.locator("#introduce").click();
        page.locator("#introduction .demo").click();

        assertThat(page).hasURL(root + "?subject=demo.%3E");
        assertThat(page.locator("#events")).containsText("demo.orders.created");
    }

    @Test
    void explainsItselfOnlyWhereTheUsualSubjectsAreTailed() {
        Page page = browser.open().page();
        page.navigate(root + "?subject=logs.>");
        assertThat(page.locator("#state")).hasText("connected");
        log("started");

        assertThat(page.locator("#events")).containsText("started");
        assertThat(page.locator("#introduction")).isHidden();
    }

    private static void log(String text) {
        given().contentType("text/plain; charset=UTF-8")
                .body(text)
                .post("/v1/publish/logs.demo.info?ack=none")
                .then()
                .statusCode(202);
    }

    @Test
    void tellsWhyItDoesNotStart() {
        Tab tab = browser.open();
        Page page = tab.page();
        page.route(
                "**/demo",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setStatus(503)
                        .setContentType("application/problem+json")
                        .setBody("{\"title\":\"NATS is away\",\"detail\":\"Sluice is not connected to NATS\"}")));
        page.navigate(root + "?subject=nothing.>");
        tab.press("Start a little demo traffic");

        assertThat(page.locator("#told")).hasText("Sluice is not connected to NATS");
        tab.expectComplaint("503");
    }

    @Test
    void isNotStartedByTheFormOfAnotherPage() {
        given().contentType("text/plain").body("{}").post("/demo").then().statusCode(404);
    }
}
