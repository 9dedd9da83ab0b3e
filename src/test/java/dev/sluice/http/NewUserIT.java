package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Tab;
import dev.sluice.support.TestStreams;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a new user does in the first two minutes, only by what the page shows, once with the mouse and once by keys alone.
 * The clock of the browser is ten minutes ahead, so that the messages of the test are ten minutes old.
 */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class NewUserIT {
    private static final Logger LOG = Logger.getLogger(NewUserIT.class);
    private static final Duration AT_MOST = Duration.ofMinutes(2);
    private static final Duration AGO = Duration.ofMinutes(10);
    private static final String ROWS = "#events [role=option]";
    private static final int ACTIONS = 20;
    private static final int STOPS = 200; // of the Tab key, more than any view has
    private static final String KEY = "/v1/buckets/menu/keys/tea/green";
    private static final String ERROR = "charge of order 4712 failed: connection reset by peer";

    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    private TestStreams streams;
    private Tab tab;
    private Page page;
    private Hand hand;
    private int actions;

    /** With what the user acts. */
    enum Hand {
        MOUSE {
            @Override
            void press(Page page, Locator target) {
                target.click();
            }

            @Override
            void choose(Page page, Locator target, String option) {
                target.selectOption(option);
            }

            @Override
            void type(Page page, Locator target, String text) {
                target.click();
                page.keyboard().press("Control+A");
                page.keyboard().type(text);
            }

            @Override
            void open(Page page, Locator row) {
                row.click();
            }
        },
        KEYS {
            @Override
            void press(Page page, Locator target) {
                reach(page, target);
                page.keyboard().press("Enter");
            }

            @Override
            void choose(Page page, Locator target, String option) {
                reach(page, target);
                page.keyboard().type(option);
            }

            @Override
            void type(Page page, Locator target, String text) {
                reach(page, target);
                page.keyboard().press("Control+A");
                page.keyboard().type(text);
            }

            @Override
            void open(Page page, Locator row) {
                page.keyboard().press("Escape"); // out of the field, to the list
                until(page, "ArrowUp", row, "row => row.ariaSelected === 'true'");
                page.keyboard().press("Enter");
            }

            private void reach(Page page, Locator target) {
                until(page, "Tab", target, "target => target === document.activeElement");
            }

            private void until(Page page, String key, Locator target, String reached) {
                assertThat(target).isVisible();
                for (int i = 0; i < STOPS && !(boolean) target.evaluate(reached); i++) {
                    page.keyboard().press(key);
                }
                assertThat(target.evaluate(reached)).as("reached by " + key).isEqualTo(true);
            }
        };

        abstract void press(Page page, Locator target);

        abstract void choose(Page page, Locator target, String option);

        abstract void type(Page page, Locator target, String text);

        abstract void open(Page page, Locator row);
    }

    @BeforeEach
    void prepare() {
        streams = new TestStreams(server);
        streams.create("SHOP", "shop.>");
        streams.store("shop.billing.error", "charge of order 4600 failed: card declined");
        streams.store("shop.orders.paid", 1, 200);
        streams.store("shop.billing.error", ERROR);
        streams.store("shop.orders.paid", 200, 400);
        given().contentType("text/plain").body("not an order").post("/v1/publish/orders.created");
        await().until(() -> !given().get("/v1/dead-letters")
                .jsonPath()
                .getList("dead_letters")
                .isEmpty());
        given().contentType("application/json").body("{\"history\":5}").put("/v1/buckets/menu");
        write("4999");
        tab = browser.open();
        page = tab.page();
        page.clock()
                .install(new Clock.InstallOptions()
                        .setTime(Date.from(Instant.now().plus(AGO))));
        tab.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
    }

    @AfterEach
    void remove() {
        page.navigate("about:blank");
        streams.delete("SHOP");
        streams.close();
        given().delete("/v1/buckets/menu");
    }

    @ParameterizedTest
    @EnumSource
    void findsAnErrorRedrivesADeadLetterAndIsToldOfAChangeInTwoMinutes(Hand with) {
        hand = with;
        long begin = System.nanoTime();

        page.navigate(root.toString());
        String link = findsTheError();
        seesTheSame(link);
        redrivesADeadLetter();
        changesAKeyThatAColleagueChanged();

        Duration taken = Duration.ofNanos(System.nanoTime() - begin);
        LOG.infof("The walk of a new user with %s: %d actions, %d ms", hand, actions, taken.toMillis());
        assertThat(taken).isLessThan(AT_MOST);
        assertThat(actions).isLessThanOrEqualTo(ACTIONS);
    }

    /** Returns the link of the message, as it was copied. */
    private String findsTheError() {
        type("Subjects", "shop.>");
        choose("From", "15 minutes ago");
        choose("Level", "error");
        press("Tail");
        assertThat(page.locator(ROWS)).hasCount(2);
        Locator row = page.locator(ROWS).filter(new Locator.FilterOptions().setHasText(ERROR));
        actions++;
        hand.open(page, row);
        assertThat(page.locator("#detail .facts")).containsText("10 minutes ago");
        press("Copy link");
        assertThat(page.locator("#detail .actions")).containsText("Copied");
        return (String) page.evaluate("navigator.clipboard.readText()");
    }

    private void seesTheSame(String link) {
        Tab colleague = browser.open();
        colleague.page().navigate(link);

        assertThat(colleague.locator("#detail .facts")).containsText("shop.billing.error");
        assertThat(colleague.locator("#detail .payload")).hasText(ERROR);
        colleague.page().navigate("about:blank");
    }

    private void redrivesADeadLetter() {
        follow("Dead letters");
        press(page.getByRole(AriaRole.CELL).getByRole(AriaRole.LINK).last());
        assertThat(page.locator("#page .payload")).hasText("not an order");
        press("Redrive");

        assertThat(page.locator("#page [role=status]")).containsText("Published again as ORDERS");
    }

    private void changesAKeyThatAColleagueChanged() {
        follow("Buckets");
        press("menu");
        press("tea/green");
        press("Edit");
        type("Value of tea/green", "5499");
        assertThat(page.locator("#page")).containsText("Changes appear here as they come.");
        write("5999");
        assertThat(page.locator("#page")).containsText("Somebody changed this key meanwhile: it has revision 2 now.");
        press("Save");

        assertThat(page.getByRole(AriaRole.ALERT)).containsText("Nothing of yours was saved, and nothing is lost.");
        press("Edit mine over theirs");
        press("Save");
        assertThat(page.locator("#page")).containsText("Saved as revision 3.");
        tab.expectComplaint("412");
    }

    private void follow(String view) {
        press(page.getByRole(AriaRole.NAVIGATION).getByText(view));
    }

    private void type(String label, String text) {
        actions++;
        hand.type(page, page.getByLabel(label), text);
    }

    private void choose(String label, String option) {
        actions++;
        hand.choose(page, page.getByLabel(label), option);
    }

    private void press(String name) {
        press(page.locator("main button:visible, main a:visible")
                .filter(new Locator.FilterOptions().setHasText(name))
                .last());
    }

    private void press(Locator target) {
        actions++;
        hand.press(page, target);
    }

    private static void write(String value) {
        given().contentType("text/plain; charset=UTF-8").body(value).put(KEY);
    }
}
