package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Clock;
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
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a new user does in the first two minutes, only by what the page shows: visible labels, the mouse and the keyboard.
 * The clock of the browser is ten minutes ahead, so that the messages of the test are ten minutes old.
 */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class NewUserIT {
    private static final Logger LOG = Logger.getLogger(NewUserIT.class);
    private static final Duration AT_MOST = Duration.ofMinutes(2);
    private static final Duration AGO = Duration.ofMinutes(10);
    private static final String ROWS = "#events [role=option]";
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
    private Instant errorTime;

    @BeforeEach
    void prepare() {
        streams = new TestStreams(server);
        streams.create("SHOP", "shop.>");
        streams.store("shop.billing.error", "charge of order 4600 failed: card declined");
        streams.store("shop.orders.paid", 1, 200);
        streams.store("shop.billing.error", ERROR);
        streams.store("shop.orders.paid", 200, 400);
        errorTime = stored(201);
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

    @Test
    void findsAnErrorRedrivesADeadLetterAndIsToldOfAChangeInTwoMinutes() {
        long begin = System.nanoTime();

        page.navigate(root.toString());
        String link = findsTheError();
        seesTheSame(link);
        redrivesADeadLetter();
        changesAKeyThatAColleagueChanged();

        Duration taken = Duration.ofNanos(System.nanoTime() - begin);
        LOG.infof("The walk of a new user took %d ms", taken.toMillis());
        assertThat(taken).isLessThan(AT_MOST);
    }

    /** Returns the link of the message, as it was copied. */
    private String findsTheError() {
        page.getByLabel("Subjects").fill("shop.>");
        page.getByLabel("From").selectOption("a time …");
        page.getByLabel("Start at")
                .fill(LocalDateTime.ofInstant(errorTime, ZoneId.systemDefault())
                        .truncatedTo(ChronoUnit.MILLIS)
                        .toString()
                        .replaceFirst("(\\.\\d*[1-9])0+$", "$1")); // as the browser writes it
        page.getByLabel("Contains").fill("failed");
        page.keyboard().press("Enter");

        assertThat(page.locator(ROWS)).hasCount(1);
        assertThat(page.locator(ROWS)).containsText(ERROR);
        page.locator(ROWS).click();
        assertThat(page.locator("#detail .facts")).containsText("10 minutes ago");
        tab.press("Copy link");
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
        page.getByRole(AriaRole.CELL).getByRole(AriaRole.LINK).last().click();
        assertThat(page.locator("#page .payload")).hasText("not an order");
        tab.press("Redrive");

        assertThat(page.locator("#page [role=status]")).containsText("Published again as ORDERS");
    }

    private void changesAKeyThatAColleagueChanged() {
        follow("Buckets");
        page.getByText("menu", new Page.GetByTextOptions().setExact(true)).click();
        page.getByText("tea/green").click();
        tab.press("Edit");
        page.getByLabel("Value of tea/green").fill("5499");
        assertThat(page.locator("#page")).containsText("Changes appear here as they come.");
        write("5999");
        assertThat(page.locator("#page")).containsText("Somebody changed this key meanwhile: it has revision 2 now.");
        tab.press("Save");

        assertThat(page.getByRole(AriaRole.ALERT)).containsText("Nothing of yours was saved, and nothing is lost.");
        tab.press("Edit mine over theirs");
        tab.press("Save");
        assertThat(page.locator("#page")).containsText("Saved as revision 3.");
        tab.expectComplaint("412");
    }

    private void follow(String view) {
        page.getByRole(AriaRole.NAVIGATION).getByText(view).click();
    }

    private static Instant stored(long seq) {
        return Instant.parse(
                given().get("/v1/streams/SHOP/messages?limit=1&from=seq:" + seq).path("messages[0].time"));
    }

    private static void write(String value) {
        given().contentType("text/plain; charset=UTF-8").body(value).put(KEY);
    }
}
