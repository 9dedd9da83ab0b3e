package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.LevelCase;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Tab;
import dev.sluice.support.TestStreams;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page at {@code /} in a real browser. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class TailViewIT {
    private static final String ROWS = "#events [role=option]";
    private static final String CONNECTED = "retry: 600000\nevent: status\ndata: {\"nats\":\"connected\"}\n\n";
    private static final String FORBIDDEN = event("closed", "{\"reason\":\"forbidden\"}");
    private static final String LIFETIME = event("closed", "{\"reason\":\"lifetime\"}");
    /** Nothing more; the browser waits until it connects again. */
    private static final String REST = ": \n\n";

    @RegisterExtension
    static final BrowserExtension browser = BrowserExtension.withTab();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    private Tab tab;
    private Page page;

    @Test
    void showsAMessageThatIsPublished() {
        open("");

        publish("logs.web.info", "hello, page");

        assertThat(page.locator("#events")).containsText("hello, page");
        assertThat(page.locator("#events")).containsText("logs.web.info");
    }

    /** A browser logs a message to the console if the page's own policy blocks a resource; the tab then fails the test. */
    @Test
    void violatesNoneOfItsOwnPolicies() {
        open("");
        boolean icon = (boolean) page.evaluate("""
                () => new Promise(done => {
                  const icon = new Image()
                  icon.onload = () => done(true)
                  icon.onerror = () => done(false)
                  icon.src = document.querySelector('link[rel=icon]').href
                })""");

        org.assertj.core.api.Assertions.assertThat(icon).isTrue();
    }

    @Test
    void showsTextAndNotMarkup() {
        open("");

        publish("logs.web.info", "<img src=x onerror=document.title='broken'>");

        assertThat(page.locator("#events")).containsText("<img src=x");
        assertThat(page).hasTitle("logs.> · Sluice");
    }

    @Test
    void knowsTheLevelsThatTheFilterKnows() {
        open("");
        List<Map<String, String>> events =
                LevelCase.ALL.stream().map(LevelCase::event).toList();

        Object levels = page.evaluate("""
                async events => {
                  const { message } = await import('/console/entry.js')
                  return events.map(event => message(event).level?.toString() ?? null)
                }""", events);

        org.assertj.core.api.Assertions.assertThat(levels)
                .isEqualTo(LevelCase.ALL.stream().map(LevelCase::level).toList());
    }

    @Test
    void tailsTheSubjectsOfItsAddress() {
        open("?subject=page.a.>&subject=page.b");

        publish("logs.web.info", "not this");
        publish("page.a.x", "this");
        publish("page.b", "and this");

        assertThat(page.locator(ROWS)).hasText(new Pattern[] {Pattern.compile("this$"), Pattern.compile("and this$")});
    }

    @Test
    void saysThatNatsIsAwayAndContinues() {
        open("");
        tab.expectComplaint("503"); // a reading while NATS is away

        server.kill();
        assertThat(page.locator("#state")).hasText("reconnecting");
        assertThat(page.locator("#nothing")).containsText("NATS cannot be reached");
        assertThat(page.locator("#rate")).hasText("–");
        server.start();
        assertThat(page.locator("#state")).hasText("connected");

        await().until(() -> given().get("/q/health/ready").statusCode() == 200);
        publish("logs.web.info", "again");
        assertThat(page.locator("#events")).containsText("again");
    }

    @Test
    void holdsMessagesBackWhilePaused() {
        open("");
        page.locator("#pause").click();

        publish("logs.web.info", "held back");
        assertThat(page.locator("#waiting")).hasText("paused, 1 new");
        assertThat(page.locator("#events")).not().containsText("held back");

        page.locator("#pause").click();
        assertThat(page.locator("#events")).containsText("held back");
    }

    @Test
    void showsWhatIsStoredAndToBeSeen() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("PAGE", "page.>");
            for (String text : List.of("one wanted", "two wanted", "three", "four wanted")) {
                streams.store("page.x", text);
            }

            open("?subject=page.>&tail=3&contains=wanted");
            streams.store("page.x", "five wanted");

            assertThat(page.locator(ROWS)).hasText(new Pattern[] {
                Pattern.compile("two wanted$"), Pattern.compile("four wanted$"), Pattern.compile("five wanted$")
            });
            assertThat(page.locator("#contains")).hasValue("wanted");
            assertThat(page.locator("#begin")).hasValue("tail=3");
            page.navigate("about:blank");
            streams.delete("PAGE");
        }
    }

    @Test
    void keepsTheFiltersInTheAddress() {
        open("?not=secret");
        page.locator("#subject").fill("page.a page.b");
        page.locator("#match").fill("wan.ed");
        page.locator("button:text-is('Tail')").click();

        assertThat(page).hasURL(root + "?subject=page.a&subject=page.b&match=wan.ed&not=secret");
        assertThat(page.locator("#state")).hasText("connected");
        publish("page.b", "a secret that is wanted");
        publish("page.b", "not this");
        publish("page.b", "wanted");
        assertThat(page.locator(ROWS)).hasText(new Pattern[] {Pattern.compile("wanted$")});
    }

    @Test
    void saysThatTheStreamWasCreatedAgain() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("PAGE", "page.>");
            open("?subject=page.>");

            streams.create("PAGE", "page.>");

            assertThat(page.locator("#events")).containsText("created again");
            streams.store("page.x", "goes on");
            assertThat(page.locator("#events")).containsText("goes on");
            page.navigate("about:blank");
            streams.delete("PAGE");
        }
        tab.expectComplaint("404"); // a reading between the two streams
    }

    @Test
    void saysWhyItIsRefused() {
        page.navigate(root + "?subject=page.none&tail=3");

        assertThat(page.locator("#state")).hasText("refused");
        assertThat(page.locator("#refusal")).containsText("No single stream stores page.none");
        tab.expectComplaint("400");
    }

    @Test
    void comesBackAfterAStatusThatEndsAnEventSource() {
        page.route("**/v1/events*", route -> route.fulfill(new Route.FulfillOptions().setStatus(503)));
        page.navigate(root.toString());
        assertThat(page.locator("#state")).hasText("disconnected");

        page.unroute("**/v1/events*");

        assertThat(page.locator("#state")).hasText("connected");
        publish("logs.web.info", "back again");
        assertThat(page.locator("#events")).containsText("back again");
        tab.expectComplaint("503");
    }

    @Test
    void saysThatTheServerEndedTheTail() {
        answer("**/v1/events*", CONNECTED + FORBIDDEN);

        page.navigate(root.toString());

        assertThat(page.locator("#events")).containsText("it is not allowed any longer");
        assertThat(page.locator("#state")).hasText("ended");
    }

    /** The tokens expire while the computer is asleep; awake, the session can be renewed. */
    @Test
    void goesOnWithARenewedSession() {
        session("{\"name\":\"ada\",\"renew_in\":60,\"sign_out\":\"session/sign-out\"}");
        List<String> asked = answer(
                "**/v1/events*", CONNECTED + message("first", 1) + FORBIDDEN, CONNECTED + message("second", 2) + REST);

        page.navigate(root + "?subject=logs.>");

        assertThat(page.locator("#events")).containsText("second");
        assertThat(page.locator("#events")).containsText("first");
        assertThat(page.locator("#events")).containsText("The session was renewed");
        org.assertj.core.api.Assertions.assertThat(asked.get(1)).endsWith("&last_event_id=1");
    }

    @Test
    void learnsThatSomebodySignedInInAnotherTab() {
        session("{\"sign_in\":\"session/sign-in\",\"token\":true}");
        open("");
        assertThat(page.locator("#session")).hasText("Sign in");
        page.unroute("**/session");
        session("{\"name\":\"ada\",\"renew_in\":60,\"sign_out\":\"session/sign-out\"}");

        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");

        assertThat(page.locator("#session")).containsText("ada");
    }

    private void session(String session) {
        page.route(
                "**/session",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody(session)));
    }

    /** The browser itself would wait for ten minutes here. */
    @Test
    void goesOnAtOnceWhenTheServerEndsALongTail() {
        List<String> asked = answer(
                "**/v1/events*", CONNECTED + message("first", 1) + LIFETIME, CONNECTED + message("second", 2) + REST);

        page.navigate(root + "?subject=logs.>");

        assertThat(page.locator("#events")).containsText("second");
        org.assertj.core.api.Assertions.assertThat(asked.get(1)).endsWith("&last_event_id=1");
    }

    @Test
    void tellsWhatIsMissing() {
        answer(
                "**/v1/events*",
                CONNECTED
                        + event("dropped", "{\"count\":1200}")
                        + event("gap", "{\"from\":5,\"to\":2004}")
                        + event("gap", "{\"reason\":\"stream-recreated\"}")
                        + REST);

        page.navigate(root.toString());

        assertThat(page.locator(ROWS + ".notice .text")).hasText(new String[] {
            "1,200 messages were dropped: this browser was too slow",
            "Messages 5 to 2,004 are not stored any longer",
            "The stream was created again: what it held before is gone"
        });
        assertThat(page.locator("#counts")).hasText("0 messages · 1,200 dropped · 2 gaps");
    }

    @Test
    void showsTheMessagesPerSecond() {
        page.clock().install();
        open("?subject=page.>");
        for (int i = 0; i < 3; i++) {
            publish("page.x", "message");
        }
        assertThat(page.locator(ROWS)).hasCount(3);

        page.clock().runFor(1_000);

        assertThat(page.locator("#rate")).hasText("3/s");
    }

    @Test
    void doesNotCountHistoryAsARate() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("PAGE", "page.>");
            streams.store("page.x", 1, 51);
            page.clock().install();
            open("?subject=page.>&from=all");
            assertThat(page.locator("#counts")).containsText("50 messages");

            page.clock().runFor(1_000);

            assertThat(page.locator("#rate")).hasText("0/s");
            page.navigate("about:blank");
            streams.delete("PAGE");
        }
    }

    @Test
    void countsMessagesOfAStreamAsARateIfTheClockOfTheBrowserIsAhead() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("PAGE", "page.>");
            streams.store("page.x", 1, 2);
            page.clock().install(new Clock.InstallOptions().setTime(System.currentTimeMillis() + 600_000));
            open("?subject=page.>&from=all");
            assertThat(page.locator("#position")).containsText("in PAGE");
            page.clock().pauseAt(System.currentTimeMillis() + 660_000);

            streams.store("page.x", 2, 5);

            page.waitForCondition(() -> {
                page.clock().runFor(100);
                return page.locator("#rate").textContent().matches(".*[1-9].*/s");
            });
            page.navigate("about:blank");
            streams.delete("PAGE");
        }
    }

    @Test
    void showsAWholeNoticeOnAPhone() {
        try (Tab phone = browser.open(ColorScheme.LIGHT, 360, 720)) {
            phone.page()
                    .route(
                            "**/v1/events*",
                            route -> route.fulfill(new Route.FulfillOptions()
                                    .setContentType("text/event-stream")
                                    .setBody(CONNECTED + event("dropped", "{\"count\":1200}") + REST)));
            phone.page().navigate(root.toString());

            assertThat(phone.locator(ROWS + ".notice .text")).isVisible();
            org.assertj.core.api.Assertions.assertThat(
                            phone.locator(ROWS + ".notice .text").boundingBox().width)
                    .isGreaterThan(300);
        }
    }

    @Test
    void tellsTheDayOfMessagesThatAreNotOfToday() {
        answer(
                "**/v1/events*",
                CONNECTED
                        + message("first", 1)
                        + message("second", 2)
                        + message("third", 3).replace("2026-01-01", "2026-01-02")
                        + REST);

        page.navigate(root.toString());

        assertThat(page.locator(ROWS + "[data-day='2026-01-01']")).hasCount(1);
        assertThat(page.locator(ROWS + "[data-day='2026-01-02']")).containsText("third");
        assertThat(page.locator(ROWS + " time").first()).hasAttribute("title", "2026-01-01 00:00:00.000");
    }

    @Test
    void showsOnlyMessagesWithAHeaderAndOpensThemWithIt() {
        open("?subject=page.>");
        page.locator("#more summary").click();
        page.locator("#header").fill("Kind:tea");
        page.locator("button:text-is('Tail')").click();
        assertThat(page).hasURL(root + "?subject=page.%3E&header=Kind%3Atea");
        assertThat(page.locator("#state")).hasText("connected");

        publish("page.x", "without");
        given().header("NatsH-Kind", "tea").body("with").post("/v1/publish/page.x?ack=none");

        assertThat(page.locator(ROWS)).hasText(new Pattern[] {Pattern.compile("with$")});
        page.locator(ROWS).click();
        assertThat(page.locator("#detail .facts")).containsText(Pattern.compile("Kind\\s*tea"));
    }

    /** Returns the addresses that were asked for. */
    private List<String> answer(String path, String... events) {
        List<String> asked = new CopyOnWriteArrayList<>();
        page.route(path, route -> {
            asked.add(route.request().url());
            route.fulfill(new Route.FulfillOptions()
                    .setContentType("text/event-stream")
                    .setBody(events[Math.min(asked.size(), events.length) - 1]));
        });
        return asked;
    }

    private static String event(String type, String data) {
        return "event: " + type + "\ndata: " + data + "\n\n";
    }

    private static String message(String text, int seq) {
        return "id: %d\ndata: {\"subject\":\"logs.x\",\"time\":\"2026-01-01T00:00:00Z\",\"data\":\"%s\"}\n\n"
                .formatted(seq, text);
    }

    private void open(String query) {
        page.navigate(root + query);
        assertThat(page.locator("#state")).hasText("connected");
    }

    private static void publish(String subject, String text) {
        given().contentType("text/plain")
                .body(text)
                .post("/v1/publish/" + subject + "?ack=none")
                .then()
                .statusCode(202);
    }
}
