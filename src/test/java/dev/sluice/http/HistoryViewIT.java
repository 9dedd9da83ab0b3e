package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.KeyboardModifier;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Tab;
import dev.sluice.support.TestStreams;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The history of a stream in the tail: its messages over time, and the download of a range. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class HistoryViewIT {
    private static final int MESSAGES = 2_000;
    private static final String SUM = "[...document.querySelectorAll('.bars button')]"
            + ".reduce((sum, bar) => sum + Number(/about ([\\d,]+)/.exec(bar.title)[1].replaceAll(',', '')), 0)";

    /** Whether the bars cover a number of milliseconds. The width of each is rounded up. */
    private static final String COVER = """
            millis => {
              const bars = [...document.querySelectorAll('.bars button')]
              if (!bars.length) return false
              const time = (bar, part) => Date.parse(bar.title.split(/ to |: about/)[part].replace(' ', 'T'))
              const covered = time(bars.at(-1), 1) - time(bars[0], 0)
              return covered >= millis && covered < millis + bars.length
            }""";

    private static final int DAY_MILLIS = 86_400_000;
    private static final int BARS = 24;

    @RegisterExtension
    static final BrowserExtension browser = BrowserExtension.withTab();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    private Tab tab;
    private Page page;
    private TestStreams streams;

    @BeforeEach
    void showHistory() {
        streams = new TestStreams(server);
        streams.create("PAST", "past.>");
        streams.store("past.x", 1, MESSAGES + 1);
        page.navigate(root + "?subject=past.>&tail=5");
        assertThat(page.locator("#position")).containsText("up to date");
    }

    @AfterEach
    void leave() {
        page.navigate("about:blank");
        streams.delete("PAST");
        streams.close();
    }

    @Test
    void countsTheMessagesOverTime() {
        tab.press("Over time");

        assertThat(page.locator(".bars button")).hasCount(24);
        assertThat(page.evaluate(SUM)).isEqualTo(MESSAGES);
    }

    @ParameterizedTest
    @CsvSource({"LIGHT, 1280", "DARK, 1280", "LIGHT, 360", "DARK, 360"})
    void isAccessible(ColorScheme scheme, int width) {
        try (Tab other = browser.open(scheme, width, 720)) {
            other.page().navigate(root + "?subject=past.>&tail=5");
            assertThat(other.locator("#position")).containsText("up to date");
            other.press("Over time");
            assertThat(other.locator(".bars button")).hasCount(24);

            other.shot("histogram-" + scheme.name().toLowerCase(Locale.ROOT) + "-" + width);
            other.violatesNothing();
            other.locator(".bars button").first().click();
            assertThat(other.locator(".scale button")).isVisible();
            other.shot("histogram-part-" + scheme.name().toLowerCase(Locale.ROOT) + "-" + width);
            other.violatesNothing();
            assertThat(other.page().evaluate("document.documentElement.scrollWidth"))
                    .isEqualTo(width);
        }
    }

    /** All messages but one are in the last bar of a day. */
    @Test
    void dividesTheTimeOfABarIntoBars() {
        beginADayAgo();
        tab.press("Over time");
        assertCovered(DAY_MILLIS);
        page.locator(".bars button").last().click();
        assertCovered(DAY_MILLIS / BARS);
        page.locator(".bars button").last().click();

        assertCovered(DAY_MILLIS / BARS / BARS);
        assertThat(page.evaluate(SUM)).isEqualTo(MESSAGES);
    }

    @Test
    void dividesATimeThatWasBrushedIntoBars() {
        beginADayAgo();
        tab.press("Over time");
        assertCovered(DAY_MILLIS);
        brush(12, 23);

        assertCovered(DAY_MILLIS / 2);
        assertThat(page.evaluate(SUM)).isEqualTo(MESSAGES);
        assertThat(page.locator(".bars [aria-pressed]")).hasCount(0);
    }

    @Test
    void showsTheWholeStreamAgain() {
        beginADayAgo();
        tab.press("Over time");
        page.locator(".bars button").last().click();
        assertCovered(DAY_MILLIS / BARS);

        tab.press("Whole stream");

        assertCovered(DAY_MILLIS);
        assertThat(page.locator(".scale button")).hasCount(0);
    }

    @Test
    void beginsWithTheTimeOfTheAddress() {
        page.navigate(root + "?subject=past.>&from=time:2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z");
        assertThat(page.locator("#state")).hasText("ended");
        tab.press("Over time");

        assertCovered(DAY_MILLIS);
        assertThat(page.evaluate(SUM)).isEqualTo(0);
    }

    @Test
    void countsNoMessagesAfterTheLastOfItsSubjects() {
        Instant end = showADayOfX();
        await().until(() -> Instant.now().isAfter(end));
        streams.store("past.other", 1, 501);

        tab.press("Over time");

        assertCovered(DAY_MILLIS);
        assertThat(page.evaluate(SUM)).isEqualTo(MESSAGES);
    }

    @Test
    void countsNoMessagesBetweenItsTimeAndTheNextOfItsSubjects() {
        Instant end = showADayOfX();
        await().until(() -> Instant.now().isAfter(end));
        streams.store("past.other", 1, 501);
        streams.store("past.x", "after the day");

        tab.press("Over time");

        assertCovered(DAY_MILLIS);
        assertThat(page.evaluate(SUM)).isEqualTo(MESSAGES);
    }

    /** Shows the messages of one subject of the day that ends after the last message. Returns its end. */
    private Instant showADayOfX() {
        Instant end = streams.lastTime("PAST").truncatedTo(ChronoUnit.MILLIS).plusMillis(1);
        page.navigate(root + "?subject=past.x&from=time:" + end.minusMillis(DAY_MILLIS) + "&to=" + end);
        assertThat(page.locator("#state")).hasText("connected");
        return end;
    }

    @Test
    void keepsTheFocusInTheBarsThatAKeyDivides() {
        beginADayAgo();
        tab.press("Over time");
        page.locator(".bars button").last().press("Enter");
        assertCovered(DAY_MILLIS / BARS);

        assertThat(page.locator(".bars button").first()).isFocused();
        page.locator(".scale button").press("Enter");
        assertCovered(DAY_MILLIS);
        assertThat(page.locator(".bars button").first()).isFocused();
    }

    /** The clock of NATS cannot be set: of what the stream tells of itself, the time of its first message is changed. */
    private void beginADayAgo() {
        page.route("**/v1/streams/PAST", route -> {
            APIResponse answer = route.fetch();
            JsonObject stream = JsonParser.parseString(answer.text()).getAsJsonObject();
            JsonObject state = stream.getAsJsonObject("state");
            Instant last = Instant.parse(state.get("last_time").getAsString());
            state.addProperty("first_time", last.minusMillis(DAY_MILLIS - 1).toString());
            route.fulfill(new Route.FulfillOptions().setResponse(answer).setBody(stream.toString()));
        });
    }

    private void assertCovered(int millis) {
        page.waitForFunction(COVER, millis);
    }

    private void brush(int from, int to) {
        BoundingBox first = page.locator(".bars button").nth(from).boundingBox();
        BoundingBox last = page.locator(".bars button").nth(to).boundingBox();
        page.mouse().move(first.x + first.width / 2, first.y + 20);
        page.mouse().down();
        page.mouse().move(last.x + last.width / 2, last.y + 20);
        page.mouse().up();
    }

    @Test
    void jumpsToTheTimeOfABar() {
        tab.press("Over time");
        page.locator(".bars button").first().click();

        assertThat(page).hasURL(Pattern.compile(".*from=time.*"));
        assertThat(page.locator("#counts")).containsText("2,000 messages");
    }

    @Test
    void showsTheTimeThatWasBrushed() {
        tab.press("Over time");
        brush(0, 11);

        assertThat(page).hasURL(Pattern.compile(".*from=time.*&to=.*"));
        assertThat(page.locator("#state")).hasText("ended");
        page.keyboard().press("End");
        assertThat(page.locator("#events")).containsText("The end of the chosen time");
        assertThat(page.locator("#counts")).not().containsText("2,000 messages");
        assertThat(page.locator("#hidden")).containsText("until");
    }

    @Test
    void marksNoBarsAfterABrushThatLeftThem() {
        tab.press("Over time");
        BoundingBox first = page.locator(".bars button").first().boundingBox();
        page.mouse().move(first.x + first.width / 2, first.y + 20);
        page.mouse().down();
        page.mouse().move(first.x + 3 * first.width, first.y + 20);
        assertThat(page.locator(".bars [aria-pressed]")).hasCount(4);
        page.mouse().move(first.x + 3 * first.width, first.y + 300);
        page.mouse().up();

        assertThat(page.locator(".bars [aria-pressed]")).hasCount(0);
    }

    @Test
    void beginsARangeAnewAfterABrushThatLeftTheBars() {
        tab.press("Over time");
        Locator.ClickOptions shift = new Locator.ClickOptions().setModifiers(List.of(KeyboardModifier.SHIFT));
        page.locator(".bars button").first().click(shift);
        BoundingBox brushed = page.locator(".bars button").nth(2).boundingBox();
        page.mouse().move(brushed.x + brushed.width / 2, brushed.y + 20);
        page.mouse().down();
        page.mouse().move(brushed.x + brushed.width / 2, brushed.y + 300);
        page.mouse().up();
        assertThat(page.locator(".bars [aria-pressed]")).hasCount(0);

        page.locator(".bars button").nth(11).click(shift);

        assertThat(page.locator(".bars [aria-pressed]")).hasCount(1);
    }

    @Test
    void savesNoFileOfARangeWithoutMessages() {
        tab.press("Download a range …");
        page.locator("dialog [name=range-from]").fill("100");
        page.locator("dialog [name=range-to]").fill("50");
        page.locator("dialog button.main").click();

        assertThat(page.locator("dialog [role=alert]")).containsText("There is no message in this range");
    }

    @Test
    void showsTheTimeBetweenTwoBarsThatWereChosenWithShift() {
        tab.press("Over time");
        Locator.ClickOptions shift = new Locator.ClickOptions().setModifiers(List.of(KeyboardModifier.SHIFT));
        page.locator(".bars button").first().click(shift);
        assertThat(page.locator(".bars [aria-pressed]")).hasCount(1);
        page.locator(".bars button").nth(11).click(shift);

        assertThat(page).hasURL(Pattern.compile(".*from=time.*&to=.*"));
        assertThat(page.locator("#state")).hasText("ended");
    }

    @Test
    void showsTheTimeBetweenTwoBarsThatWereChosenByKeys() {
        tab.press("Over time");
        page.locator(".bars button").first().press("Shift+Enter");
        page.locator(".bars button").nth(11).press("Shift+Enter");

        assertThat(page).hasURL(Pattern.compile(".*from=time.*&to=.*"));
        assertThat(page.locator("#state")).hasText("ended");
    }

    @Test
    void closesTheHistogramOfOtherSubjects() {
        tab.press("Over time");
        assertThat(page.locator(".bars button")).hasCount(24);
        page.locator("#begin").selectOption("");
        page.locator("#subject").fill("nobody.stores.>");
        page.locator("button.main").first().click();

        assertThat(page.locator("#histogram")).isHidden();
        assertThat(page.locator("#over-time")).hasAttribute("aria-pressed", "false");
    }

    @Test
    void findsOlderMessagesHoweverFarTheyAre() {
        streams.store("past.rare", "the rare one");
        streams.store("past.x", 1, 60_001);
        streams.store("past.rare", "the newest rare one");
        page.navigate(root + "?subject=past.rare&tail=1");
        assertThat(page.locator("#events")).containsText("the newest rare one");

        page.keyboard().press("Home");

        assertThat(page.locator("#told")).hasText("1 older messages");
        assertThat(page.locator("#events")).containsText("the rare one");
    }

    @Test
    void knowsTheBeginningOfAStreamWhoseFirstMessagesAreGone() {
        streams.purge("PAST", 1_501);
        page.navigate(root + "?subject=past.>&tail=5");
        assertThat(page.locator("#position")).containsText("up to date");

        page.keyboard().press("Home");

        assertThat(page.locator("#told")).hasText("495 older messages");
        page.keyboard().press("Home");
        assertThat(page.locator("#events")).containsText("The beginning of what is stored");
    }

    @Test
    void saysThatNothingIsStored() {
        page.navigate(root + "?subject=nobody.stores.>");
        assertThat(page.locator("#state")).hasText("connected");
        tab.press("Over time");

        assertThat(page.locator("#told")).hasText("No stream stores all of these subjects");
        assertThat(page.locator("#histogram")).isHidden();
    }

    @Test
    void savesARangeThatThePageDoesNotHold() throws IOException {
        tab.press("Download a range …");
        page.locator("dialog [name=range-from]").fill("10");
        page.locator("dialog [name=range-to]").fill("19");

        Download download =
                page.waitForDownload(() -> page.locator("dialog button.main").click());

        assertThat(download.suggestedFilename()).isEqualTo("PAST-10-19.ndjson");
        assertThat(Files.readAllLines(download.path()))
                .hasSize(10)
                .first()
                .asString()
                .contains("\"seq\":10,");
    }

    @Test
    void savesARangeOfTimes() throws IOException {
        tab.press("Download a range …");
        page.locator("dialog [name=by]").selectOption("time");
        assertThat(page.locator("dialog [name=range-from]")).hasAttribute("type", "datetime-local");
        page.locator("dialog [name=range-from]").fill("2020-01-01T00:00");

        Download all =
                page.waitForDownload(() -> page.locator("dialog button.main").click());

        assertThat(Files.readAllLines(all.path())).hasSize(MESSAGES);
    }

    @Test
    void savesARangeWithTheFiltersOfTheTail() throws IOException {
        page.navigate(root + "?subject=past.>&tail=5&match=^19..$");
        assertThat(page.locator("#position")).containsText("at 1,999");
        tab.press("Download a range …");
        page.locator("dialog [name=range-from]").fill("");
        page.locator("dialog [name=range-to]").fill("");

        Download download =
                page.waitForDownload(() -> page.locator("dialog button.main").click());

        assertThat(Files.readAllLines(download.path())).hasSize(100);
    }
}
