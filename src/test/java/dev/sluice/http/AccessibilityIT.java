package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
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
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every view of the page, and every state of one: accessible in all looks, on a phone, and by the keyboard. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class AccessibilityIT {
    private static final String KEY = "/v1/buckets/views/keys/tea/green";
    private static final int MARGIN = 20; // what takes the focus without being an action

    /** Numbers all that can be pressed or filled in; of a page behind a dialog nothing can. */
    private static final String ACTIONS = """
            () => [...(document.querySelector('dialog[open]') ?? document)
                .querySelectorAll('a[href], button, input, select, textarea, summary')]
              .filter(action => action.checkVisibility() && !action.disabled && !(action.type === 'radio' && !action.checked))
              .map((action, index) => { action.dataset.action = index })
              .length""";

    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    private TestStreams streams;
    private Tab tab;
    private Page page;

    /** How the page looks. */
    enum Look {
        LIGHT(ColorScheme.LIGHT, 1280),
        DARK(ColorScheme.DARK, 1280),
        LIGHT_ON_A_PHONE(ColorScheme.LIGHT, 360),
        DARK_ON_A_PHONE(ColorScheme.DARK, 360);

        private final ColorScheme scheme;
        private final int width;

        Look(ColorScheme scheme, int width) {
            this.scheme = scheme;
            this.width = width;
        }
    }

    /** A state of the page, and what a person does to get there. */
    private record State(String name, String address, Consumer<AccessibilityIT> steps) {
        static State of(String name, String address) {
            return new State(name, address, it -> {});
        }
    }

    private static List<State> states() {
        return List.of(
                new State("empty tail", "?subject=nothing.>", it -> it.see("#empty")),
                new State("first look", "", AccessibilityIT::introduced),
                new State("not stored", "?subject=nothing.>&tail=5", it -> it.see("#refusal button")),
                new State("refused tail", "?subject=views.x&not=(", AccessibilityIT::refused),
                new State("tail", "?subject=views.>&from=all&column=n&hide=views.none", AccessibilityIT::searched),
                new State("message", "?subject=views.>&from=all", AccessibilityIT::opened),
                new State("histogram", "?subject=views.>&from=all", it -> it.pressed("Over time", ".bars button")),
                new State("part of a histogram", "?subject=views.>&from=all", it -> {
                    it.pressed("Over time", ".bars button");
                    it.page.locator(".bars button").last().click();
                    it.see(".scale button");
                }),
                new State("keys", "?subject=nothing.>", it -> it.pressed("?", "#help[open]")),
                new State("named view", "?subject=nothing.>", it -> {
                    it.page.locator("#named summary").click();
                    it.pressed("Name this view …", "dialog.ask");
                }),
                new State("range", "?subject=views.>&from=all", it -> it.pressed("Download a range …", "dialog.ask")),
                State.of("streams", "?view=streams"),
                State.of("stream", "?view=streams&stream=VIEWS"),
                new State("purge", "?view=streams&stream=VIEWS", it -> it.pressed("Purge …", "dialog.ask")),
                new State("deletion", "?view=streams&stream=VIEWS", it -> it.pressed("Delete …", "dialog.ask")),
                State.of("buckets", "?view=buckets"),
                new State("new bucket", "?view=buckets", it -> it.pressed("New bucket …", "dialog.ask")),
                State.of("bucket", "?view=buckets&bucket=views"),
                new State("new key", "?view=buckets&bucket=views", it -> it.pressed("New key …", "dialog.ask")),
                State.of("key", "?view=buckets&bucket=views&key=tea/green"),
                new State("edit", "?view=buckets&bucket=views&key=tea/green", it -> it.pressed("Edit", "textarea")),
                new State("conflict", "?view=buckets&bucket=views&key=tea/green", AccessibilityIT::conflicted),
                new State(
                        "deleted key",
                        "?view=buckets&bucket=views&key=tea/green",
                        it -> it.pressed("Delete …", "dialog.ask")),
                State.of("stores", "?view=objects"),
                new State("new store", "?view=objects", it -> it.pressed("New store …", "dialog.ask")),
                State.of("store", "?view=objects&store=views"),
                new State("upload", "?view=objects&store=views", AccessibilityIT::uploading),
                State.of("object", "?view=objects&store=views&object=tea.json"),
                State.of("dead letters", "?view=dead-letters"),
                new State("dead letter", "?view=dead-letters", it -> {
                    it.page.locator("tbody tr").last().locator("a").click();
                    it.see(".reason");
                }),
                new State("publish", "?view=publish&subject=views.x", it -> it.pressed("Send", ".answer h3")),
                State.of("health", "?view=health"));
    }

    @BeforeEach
    void fill() {
        streams = new TestStreams(server);
        streams.create("VIEWS", "views.>");
        streams.store("views.x", "{\"n\":1}");
        streams.store("views.error", "{\"n\":2,\"nested\":{\"list\":[true,null,\"text\"]}}");
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
            price(price);
        }
        given().contentType("text/plain")
                .body("not an order")
                .post("/v1/publish/orders.created")
                .then()
                .statusCode(201);
        await().until(() ->
                !given().get("/v1/dead-letters").<List<?>>path("dead_letters").isEmpty());
    }

    /** Leaves the page first: it would report that its stream is gone. */
    @AfterEach
    void remove() {
        if (page != null) {
            page.navigate("about:blank");
        }
        streams.delete("VIEWS");
        streams.close();
    }

    @ParameterizedTest
    @EnumSource(names = "LIGHT")
    @Tag("slow")
    void violatesNoRule(Look look) {
        violatesNoRuleIn(look);
    }

    @ParameterizedTest
    @EnumSource(names = "LIGHT", mode = EnumSource.Mode.EXCLUDE)
    @Tag("slow")
    void violatesNoRuleInAnotherLook(Look look) {
        violatesNoRuleIn(look);
    }

    private void violatesNoRuleIn(Look look) {
        open(look);
        states().forEach(state -> {
            show(state);
            tab.shot(state.name().replace(' ', '-') + "-"
                    + look.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            tab.violatesNothing();
        });
    }

    @Test
    void fitsAPhone() {
        open(Look.LIGHT_ON_A_PHONE);
        states().forEach(state -> {
            show(state);
            for (String element : List.of("document.documentElement", "document.getElementById('page')")) {
                assertThat((int) page.evaluate(element + ".scrollWidth"))
                        .as(state.name())
                        .isLessThanOrEqualTo(360);
            }
        });
    }

    /** What a button or a link does can be done with the Tab key and Enter. The keys of the list are in ConsoleIT. */
    @Test
    @Tag("slow")
    void reachesEveryActionByTheKeyboard() {
        open(Look.LIGHT);
        states().forEach(state -> {
            show(state);
            int actions = (int) page.evaluate(ACTIONS);
            page.evaluate("document.activeElement.blur()");
            Set<Object> reached = new HashSet<>();
            for (int i = 0; i < 2 * actions + MARGIN; i++) {
                page.keyboard().press("Tab");
                reached.add(page.evaluate("document.activeElement.dataset.action ?? ''"));
            }
            reached.remove("");
            assertThat(reached).as(state.name()).hasSize(actions);
        });
    }

    private void open(Look look) {
        tab = browser.open(look.scheme, look.width, 800);
        page = tab.page();
        for (String status : List.of("400", "412")) {
            tab.expectComplaint(status);
        }
    }

    private void show(State state) {
        page.navigate("about:blank");
        page.navigate(root + state.address());
        if (state.address().contains("view=")) {
            assertThat(page.locator("#page h2")).isVisible();
            assertThat(page.locator("#page .loading")).hasCount(0);
            assertThat(page.locator("#page").getByText("Loading")).hasCount(0);
        }
        state.steps().accept(this);
    }

    private void see(String selector) {
        assertThat(page.locator(selector).first()).isVisible();
    }

    private void pressed(String name, String shown) {
        tab.press(name);
        see(shown);
    }

    private void introduced() {
        see("#state.connected");
        given().contentType("text/plain").body("a log").post("/v1/publish/logs.web.info?ack=none");
        see("#introduction");
    }

    private void refused() {
        see("#refusal:not(:empty)");
        assertThat(page.locator("#empty")).isHidden();
    }

    private void searched() {
        assertThat(page.locator("#events [role=option]")).hasCount(2);
        page.locator("#find input").fill("text");
        page.locator("#more summary").click();
        see("#events mark");
    }

    /** On a phone the position takes a line, which moves the rows. */
    private void opened() {
        assertThat(page.locator("#position")).containsText("up to date");
        page.locator("#events [role=option]").last().click();
        see("#detail .payload");
    }

    private void conflicted() {
        tab.press("Edit");
        page.locator("textarea").fill("mine");
        price("6999");
        tab.press("Save");
        see(".value .diff");
    }

    /** The answer to the upload never comes. */
    private void uploading() {
        page.route("**/objects/slow.bin", (Route route) -> {});
        page.locator("input[type=file]")
                .setInputFiles(new FilePayload("slow.bin", "application/octet-stream", new byte[100]));
        tab.press("Upload");
        see("progress");
    }

    private static void price(String price) {
        given().contentType("application/json")
                .body("{\"price\":" + price + ",\"tags\":[\"green\",\"" + "long".repeat(30) + "\"]}")
                .put(KEY);
    }
}
