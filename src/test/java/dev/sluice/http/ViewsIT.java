package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Dialog;
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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The views of the page at {@code /}: their addresses, how one comes and goes, and the view of the health. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ViewsIT {
    private static final String ROWS = "#events [role=option]";

    @RegisterExtension
    static final BrowserExtension browser = BrowserExtension.withTab();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    private Tab tab;
    private Page page;

    @Test
    void opensTheViewOfItsAddressAndGoesBack() {
        page.navigate(root + "?view=streams&stream=ORDERS");
        assertThat(page.locator("#page h2")).hasText("Streams / ORDERS");
        assertThat(page).hasTitle("ORDERS · Streams · Sluice");

        page.locator("nav").getByText("Buckets").click();
        assertThat(page.locator("#page h2")).hasText("Buckets");
        assertThat(page.locator("nav [aria-current]")).hasText("Buckets");
        page.goBack();

        assertThat(page).hasURL(root + "?view=streams&stream=ORDERS");
        assertThat(page.locator("#page h2")).hasText("Streams / ORDERS");
    }

    @Test
    void namesWhatItShowsInItsTitle() {
        page.navigate(root + "?subject=page.>&subject=a");
        assertThat(page).hasTitle("page.> a · Sluice");

        page.navigate(root + "?view=streams&stream=ORDERS");

        assertThat(page).hasTitle("ORDERS · Streams · Sluice");
    }

    @Test
    void showsTheTailIfThereIsNoViewOfThisName() {
        page.navigate(root + "?view=constructor");

        assertThat(page.locator("#tail")).isVisible();
    }

    @Test
    void keepsTheAddressOfTheTailThatIsNotLeft() {
        page.navigate(root + "?subject=before.>");
        page.locator("#subject").fill("now.>");
        page.keyboard().press("Enter");
        assertThat(page).hasURL(root + "?subject=now.%3E");
        page.locator("#named summary").click();
        tab.press("Name this view …");
        page.locator("dialog [name=name]").fill("now");
        page.onceDialog(Dialog::dismiss);
        page.goBack();

        assertThat(page).hasURL(root + "?subject=now.%3E");
        page.onceDialog(Dialog::accept);
    }

    @Test
    void keepsTheFocusInTheViewToWhichItGoesBack() {
        page.navigate(root + "?view=streams");
        assertThat(page.locator("#page h2")).hasText("Streams");
        page.locator("nav").getByText("Publish").click();
        page.locator("#page [name=subject]").focus();
        page.goBack();

        assertThat(page.locator("#page h2")).hasText("Streams");
        assertThat(page.locator("#page")).isFocused();
    }

    @Test
    void tailsOnWhileAnotherViewIsShown() {
        page.navigate(root + "?subject=views.>");
        assertThat(page.locator("#state")).hasText("connected");
        publish("views.x", "before");
        assertThat(page.locator(ROWS)).hasCount(1);

        page.locator("nav").getByText("Health").click();
        assertThat(page.locator("#tail")).isHidden();
        publish("views.x", "meanwhile");
        assertThat(page.locator("#counts")).hasText("2 messages · 0 dropped · 0 gaps");
        assertThat(page.locator("#counts")).isVisible();
        page.locator("nav").getByText("Tail").click();

        assertThat(page).hasURL(root + "?subject=views.%3E");
        assertThat(page.locator(ROWS)).hasText(new Pattern[] {Pattern.compile("before"), Pattern.compile("meanwhile")});
        assertThat(page.locator("#counts")).hasText("2 messages · 0 dropped · 0 gaps");
    }

    @Test
    void linksToTheTailThatRuns() {
        page.navigate(root.toString());
        assertThat(page.locator("#state")).hasText("connected");
        page.locator("#subject").fill("views.>");
        page.keyboard().press("Enter");
        assertThat(page.locator("#state")).hasText("connected");
        publish("views.x", "before");
        assertThat(page.locator(ROWS)).hasCount(1);

        page.locator("nav").getByText("Tail").click();

        assertThat(page).hasURL(root + "?subject=views.%3E");
        assertThat(page.locator(ROWS)).hasCount(1);
    }

    @Test
    void comesBackToTheMessageThatWasRead() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("VIEWS", "views.>");
            streams.store("views.x", 1, 301);
            page.navigate(root + "?subject=views.>&from=all");
            assertThat(page.locator("#counts")).containsText("300 messages");
            page.keyboard().press("Home");
            page.keyboard().press("PageDown");
            page.keyboard().press("PageDown");
            String selected = page.locator("#events [aria-selected=true]").textContent();

            page.keyboard().press("2");
            assertThat(page.locator("#page h2")).hasText("Streams");
            page.goBack();

            assertThat(page.locator("#events [aria-selected=true]")).hasText(selected);
            assertThat(page.locator("#events [aria-selected=true]")).isInViewport();
            remove(streams);
        }
    }

    @Test
    void showsEachViewByAKey() {
        page.navigate(root.toString());
        assertThat(page.locator("#state")).hasText("connected");

        List<String> titles = List.of("Streams", "Buckets", "Object stores", "Dead letters", "Publish", "Health");
        for (int i = 0; i < titles.size(); i++) {
            page.keyboard().press(String.valueOf(i + 2));
            assertThat(page.locator("#page h2")).hasText(titles.get(i));
            assertThat(page.locator("#page")).isFocused();
        }
        page.keyboard().press("1");
        assertThat(page.locator("#tail")).isVisible();
    }

    @Test
    void asksNothingAfterAViewWasLeft() {
        page.clock().install();
        page.navigate(root + "?view=streams");
        assertThat(page.locator("tbody tr").first()).isVisible();
        page.locator("nav").getByText("Publish").click();
        assertThat(page.locator("#page h2")).hasText("Publish");
        List<String> asked = new CopyOnWriteArrayList<>();
        page.onRequest(request -> asked.add(request.url()));

        page.clock().runFor(20_000);

        assertThat(asked).noneMatch(url -> url.contains("/v1/streams"));
    }

    /** Its policy forbids anything else; a violation would be a complaint of the page. */
    @Test
    void loadsItsLibrariesFromSluice() {
        List<String> asked = new CopyOnWriteArrayList<>();
        page.onRequest(request -> asked.add(request.url()));
        page.navigate(root + "?view=streams");
        assertThat(page.locator("tbody time-plot").first()).isVisible();

        assertThat(asked).allMatch(url -> url.startsWith(root.toString()));
        assertThat(asked).contains(root + "webjars/uplot/dist/uPlot.esm.js", root + "_static/lit-html/lit-html.js");
    }

    /** A proxy may keep them back. */
    @Test
    void saysWhereTheChecksAre() {
        page.route("**/q/health", route -> route.fulfill(new Route.FulfillOptions().setStatus(404)));
        page.navigate(root + "?view=health");

        assertThat(page.locator("#page")).containsText("The checks are on the management port");
        assertThat(page.locator("#page .state.up").first()).containsText("answers");
        tab.expectComplaint("404");
    }

    @Test
    void asksNotForChecksOnAnotherPort() {
        page.route(
                "**/?view=health",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setResponse(route.fetch())
                        .setBody(route.fetch().text().replace("<html", "<html data-management=\"9123\""))));
        List<String> asked = new CopyOnWriteArrayList<>();
        page.onRequest(request -> asked.add(request.url()));
        page.navigate(root + "?view=health");

        assertThat(page.locator("#page")).containsText("curl http://localhost:9123/q/health/ready");
        assertThat(page.locator("#page .state.up")).hasCount(2);
        assertThat(asked).noneMatch(url -> url.endsWith("/q/health"));
    }

    @Test
    void tellsWhetherNatsAnswersWithoutATail() {
        page.route(
                "**/v1/streams",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setStatus(503)
                        .setContentType("application/problem+json")
                        .setBody("{\"title\":\"NATS is away\",\"status\":503}")));
        page.navigate(root + "?view=health");

        assertThat(page.locator("#page .state.down")).hasText("NATS is away");
        tab.expectComplaint("503");
    }

    @Test
    void tellsWhoCanBeReachedAsLongAsNoTailRuns() {
        page.navigate(root + "?view=publish");
        assertThat(page.locator("#reached")).hasText("Sluice can be reached");
        page.navigate(root + "?view=streams");
        assertThat(page.locator("#reached")).hasText("NATS can be reached");

        server.kill();
        assertThat(page.locator("#reached")).hasText("NATS or what was asked for is unavailable");
        server.start();
        assertThat(page.locator("#reached")).hasText("NATS can be reached");
        page.route("**/v1/streams", Route::abort);
        assertThat(page.locator("#reached")).hasText("Sluice cannot be reached");

        page.locator("nav").getByText("Tail").click();
        assertThat(page.locator("#state")).isVisible();
        assertThat(page.locator("#reached")).isHidden();
        tab.expectComplaint("503");
        tab.expectComplaint("net::ERR_FAILED");
    }

    @Test
    void asksForTheChecksOnceWhereTheyAreNot() {
        List<String> asked = new CopyOnWriteArrayList<>();
        page.route("**/q/health", route -> {
            asked.add(route.request().url());
            route.fulfill(new Route.FulfillOptions().setStatus(404));
        });
        page.clock().install();
        page.navigate(root + "?view=health");
        assertThat(page.locator("#page .state.up").first()).containsText("answers");

        page.waitForResponse(answer -> "HEAD".equals(answer.request().method()), () -> page.clock()
                .fastForward(5_000));
        page.waitForResponse(answer -> "HEAD".equals(answer.request().method()), () -> page.clock()
                .fastForward(5_000));

        assertThat(asked).hasSize(1);
        tab.expectComplaint("404");
    }

    @Test
    void keepsTheLookOfTwoTabs() {
        page.navigate(root.toString());
        Page other = tab.context().newPage();
        other.navigate(root.toString());

        page.locator("#dense").click();
        assertThat(other.locator("#dense")).hasAttribute("aria-pressed", "true");
        other.locator("#wrap").click();

        assertThat(page.locator("#wrap")).hasAttribute("aria-pressed", "true");
        assertThat(page.locator("#dense")).hasAttribute("aria-pressed", "true");
        other.close();
    }

    @Test
    void tellsTheChecks() {
        page.navigate(root + "?view=health");

        assertThat(page.locator("#page")).containsText("All checks");
        assertThat(page.locator("#page")).containsText("publish: connected");
        assertThat(page.locator("#page .state.up").first()).isVisible();
    }

    /** Leaves the page first: it would report that its stream is gone. */
    private void remove(TestStreams streams) {
        page.navigate("about:blank");
        streams.delete("VIEWS");
    }

    private static void publish(String subject, String text) {
        given().contentType("text/plain; charset=UTF-8")
                .body(text)
                .post("/v1/publish/" + subject + "?ack=none")
                .then()
                .statusCode(202);
    }
}
