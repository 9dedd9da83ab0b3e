package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Tab;
import dev.sluice.support.TestStreams;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The views of the page at {@code /}: their addresses, what all of them have in common, and the view of the health. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ViewsIT {
    private static final String ROWS = "#events [role=option]";
    private static final Map<String, String> VIEWS = Map.of(
            "streams", "?view=streams",
            "stream", "?view=streams&stream=VIEWS",
            "buckets", "?view=buckets",
            "key", "?view=buckets&bucket=views&key=tea/green",
            "objects", "?view=objects",
            "store", "?view=objects&store=views",
            "object", "?view=objects&store=views&object=tea.json",
            "dead-letters", "?view=dead-letters",
            "publish", "?view=publish&subject=views.x",
            "health", "?view=health");

    private static final String ACTIONS = """
            () => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
              .filter(action => action.checkVisibility() && !action.disabled && !(action.type === 'radio' && !action.checked))
              .map((action, index) => { action.dataset.action = index })
              .length""";

    private static final int MARGIN = 20; // what takes the focus without being an action

    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    private Tab tab;
    private Page page;

    @BeforeEach
    void openTab() {
        use(browser.open());
    }

    @Test
    void opensTheViewOfItsAddressAndGoesBack() {
        page.navigate(root + "?view=streams&stream=ORDERS");
        assertThat(page.locator("#page h2")).hasText("Streams / ORDERS");
        assertThat(page).hasTitle("Streams · Sluice");

        page.locator("nav").getByText("Buckets").click();
        assertThat(page.locator("#page h2")).hasText("Buckets");
        assertThat(page.locator("nav [aria-current]")).hasText("Buckets");
        page.goBack();

        assertThat(page).hasURL(root + "?view=streams&stream=ORDERS");
        assertThat(page.locator("#page h2")).hasText("Streams / ORDERS");
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
        page.locator("nav").getByText("Tail").click();

        assertThat(page).hasURL(root + "?subject=views.%3E");
        assertThat(page.locator(ROWS)).hasText(new Pattern[] {Pattern.compile("before"), Pattern.compile("meanwhile")});
        assertThat(page.locator("#counts")).hasText("2 messages · 0 dropped · 0 gaps");
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

    @Test
    void tellsTheChecks() {
        page.navigate(root + "?view=health");

        assertThat(page.locator("#page")).containsText("All checks");
        assertThat(page.locator("#page")).containsText("publish: connected");
        assertThat(page.locator("#page .state.up").first()).isVisible();
    }

    @ParameterizedTest
    @EnumSource(names = {"LIGHT", "DARK"})
    void isAccessible(ColorScheme scheme) {
        tab.close();
        use(browser.open(scheme, 1280, 800));
        try (TestStreams streams = new TestStreams(server)) {
            content(streams);
            VIEWS.forEach((name, address) -> {
                show(address);
                tab.shot(name + "-" + scheme.name().toLowerCase(Locale.ROOT));
                tab.violatesNothing();
            });
            page.navigate(root + "?view=streams&stream=VIEWS");
            tab.press("Delete …");
            assertThat(page.locator("dialog.ask")).isVisible();
            tab.violatesNothing();
            remove(streams);
        }
    }

    @Test
    void fitsAPhone() {
        tab.close();
        use(browser.open(ColorScheme.LIGHT, 360, 720));
        try (TestStreams streams = new TestStreams(server)) {
            content(streams);
            VIEWS.forEach((name, address) -> {
                show(address);
                tab.shot("phone-" + name);
                assertThat(page.evaluate("document.documentElement.scrollWidth"))
                        .as(name)
                        .isEqualTo(360);
                assertThat(page.evaluate("document.getElementById('page').scrollWidth"))
                        .as(name)
                        .isEqualTo(360);
            });
            remove(streams);
        }
    }

    /** What a button or a link does can be done with the Tab key and Enter. The keys of the list are in ConsoleIT. */
    @Test
    void reachesEveryActionByTheKeyboard() {
        try (TestStreams streams = new TestStreams(server)) {
            content(streams);
            VIEWS.forEach((name, address) -> {
                show(address);
                walk(name);
            });
            page.navigate(root + "?subject=views.>&source=stream&tail=1");
            assertThat(page.locator("#position")).containsText("up to date");
            page.locator(ROWS).first().click();
            page.locator("#more summary").click();
            tab.press("Over time");
            assertThat(page.locator(".bars button")).hasCount(24);
            walk("tail");
            remove(streams);
        }
    }

    /** Numbers all that can be pressed or filled in, and requires that Tab comes to each. */
    private void walk(String name) {
        int actions = (int) page.evaluate(ACTIONS);
        page.evaluate("document.activeElement.blur()");
        Set<Object> reached = new HashSet<>();
        for (int i = 0; i < 2 * actions + MARGIN; i++) {
            page.keyboard().press("Tab");
            reached.add(page.evaluate("document.activeElement.dataset.action ?? ''"));
        }
        reached.remove("");
        assertThat(reached).as(name).hasSize(actions);
    }

    private void show(String address) {
        page.navigate(root + address);
        assertThat(page.locator("#page h2")).isVisible();
        assertThat(page.locator("#page .loading")).hasCount(0);
        assertThat(page.locator("#page").getByText("Loading")).hasCount(0);
    }

    private static void content(TestStreams streams) {
        streams.create("VIEWS", "views.>");
        streams.store("views.x", "{\"n\":1}");
        given().contentType("application/json")
                .body("{}")
                .put("/v1/streams/VIEWS/consumers/reader")
                .then()
                .statusCode(201);
        given().contentType("application/json").body("{}").put("/v1/object-stores/views");
        given().contentType("application/json")
                .body("{\"price\":4999}")
                .put("/v1/object-stores/views/objects/tea.json");
        given().contentType("application/json").body("{\"history\":5}").put("/v1/buckets/views");
        for (String price : List.of("4999", "5999")) {
            given().contentType("application/json")
                    .body("{\"price\":" + price + ",\"tags\":[\"green\",\"" + "long".repeat(30) + "\"]}")
                    .put("/v1/buckets/views/keys/tea/green");
        }
    }

    private void use(Tab opened) {
        tab = opened;
        page = tab.page();
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
