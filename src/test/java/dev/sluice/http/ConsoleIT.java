package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Tab;
import dev.sluice.support.TestConnections;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Options;
import io.nats.client.impl.Headers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person does with the page at {@code /} and sees there, in a real browser. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class ConsoleIT {
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
    void countsWhatComesWhilePausedAndLosesNothing() {
        open("?subject=page.>");
        publish("page.x", "before");
        assertThat(page.locator(ROWS)).hasCount(1);

        page.keyboard().press("Space");
        IntStream.range(0, 12).forEach(i -> publish("page.x", "while paused " + i));

        assertThat(page.locator("#waiting")).hasText("paused, 12 new");
        assertConnected();
        assertThat(page.locator(ROWS)).hasCount(1);
        page.keyboard().press("End");
        assertThat(page.locator("#paused")).isHidden();
        assertThat(page.locator(ROWS)).hasCount(13);
    }

    @Test
    void pausesWhenScrolledUpAndResumesAtTheEnd() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 300);
            open("?subject=page.>&from=all");
            assertThat(page.locator("#events")).containsText("message 300");

            page.locator("#events").hover();
            page.mouse().wheel(0, -600);
            assertThat(page.locator("#paused")).isVisible();
            assertThat(page.locator("#pause-told")).hasText("The list is paused");
            streams.store("page.x", "message 301");
            assertThat(page.locator("#waiting")).hasText("paused, 1 new");

            page.keyboard().press("End");
            assertThat(page.locator("#events")).containsText("message 301");
            remove(streams);
        }
    }

    /** The bar that tells the pause takes a part of the height. */
    @Test
    void runsOnAfterAPauseOfAShortList() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 300);
            open("?subject=page.>&tail=40");
            assertThat(page.locator("#events")).containsText("message 300");
            press("Space");
            assertThat(page.locator("#paused")).isVisible();

            press("Space");
            assertThat(page.locator("#paused")).isHidden();

            assertRunsOn(streams);
            remove(streams);
        }
    }

    @Test
    void runsOnInAShortListWhenItsBoxGrows() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 300);
            open("?subject=page.>&tail=40");
            assertThat(page.locator("#events")).containsText("message 300");

            page.setViewportSize(1280, 900);

            assertRunsOn(streams);
            remove(streams);
        }
    }

    /** The messages 261 to 300 are shown. */
    private void assertRunsOn(TestStreams streams) {
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        streams.store("page.x", "message 301");
        assertThat(page.locator("#events")).containsText("message 301");
        assertThat(page.locator("#paused")).isHidden();
        assertThat(page.locator(ROWS).last()).hasAttribute("aria-setsize", "41");
    }

    @Test
    void letsThePointerThroughWhatItTells() {
        open("?subject=page.none.>");
        tab.press("Over time");
        assertThat(page.locator("#told")).hasText("No stream stores all of these subjects");

        Object under = page.evaluate("""
                () => {
                  const { left, top, width } = document.getElementById('told').getBoundingClientRect()
                  return width && document.elementFromPoint(left + 5, top + 5).id
                }""");

        assertThat(under).isInstanceOf(String.class).isNotEqualTo("told");
    }

    @Test
    void forgetsWhatItTold() {
        page.clock().install();
        open("?subject=page.none.>");
        tab.press("Over time");
        assertThat(page.locator("#told")).hasText("No stream stores all of these subjects");

        page.clock().fastForward(6_000);

        assertThat(page.locator("#told")).hasText("");
    }

    @Test
    void drawsOnlyTheRowsInView() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 1_000);
            open("?subject=page.>&from=all");

            assertThat(page.locator("#counts")).hasText("1,000 messages · 0 dropped · 0 gaps");
            assertThat(page.locator("#events")).containsText("message 1000");
            assertThat(page.locator(ROWS).count()).isLessThan(100);
            remove(streams);
        }
    }

    /** The store alone, without a server: 60,000 messages, of which the bound removes the first, some at a time. */
    @Test
    void holdsTheLastFiftyThousand() {
        open("?subject=page.none");

        Object held = page.evaluate("""
                async () => {
                  const { Store } = await import('/console/store.js')
                  const store = new Store(() => {})
                  for (let i = 0; i < 60000; i++) store.add({ kind: 'message', text: String(i) })
                  const { length } = store.shown
                  return [length >= 50000, length <= 51000, store.shown[0].text === String(60000 - length),
                    store.shown.at(-1).text].join()
                }""");

        assertThat(held).isEqualTo("true,true,true,59999");
    }

    @Test
    void holdsTheLastFiftyThousandThatCameWhilePaused() {
        open("?subject=page.none");

        Object held = page.evaluate("""
                async () => {
                  const { Store } = await import('/console/store.js')
                  const store = new Store(() => {}, (count, from) => ({ kind: 'notice', text: `passed ${count} from ${from}` }))
                  store.add({ kind: 'message', text: 'before', seq: 1 })
                  store.pause()
                  for (let seq = 2; seq < 60002; seq++) store.add({ kind: 'message', text: String(seq), seq })
                  const { waiting } = store
                  store.resume()
                  const [last, missing] = store.shown.slice(-2).map(({ text }) => text)
                  return [waiting, store.shown[0].text, last, missing, store.shown.length].join()
                }""");

        assertThat(held).isEqualTo("60000,10002,60001,passed 10000 from 2,50001");
    }

    /** The list and the store alone: the reader is at 40,000 when the bound removes the first 1,001. */
    @Test
    void keepsThePlaceOfAReaderWhenTheBoundRemovesMessages() {
        open("?subject=page.none");

        Object place = page.evaluate("""
                async () => {
                  const { Store } = await import('/console/store.js')
                  const { VirtualList } = await import('/console/list.js')
                  const frames = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
                  const box = document.createElement('div')
                  box.style.cssText = 'position: fixed; inset: 0; height: 230px; overflow: auto; --row: 23'
                  const space = document.createElement('div')
                  space.className = 'space'
                  box.append(space)
                  document.body.append(box)
                  const store = new Store(() => list.refresh())
                  const list = new VirtualList(box, () => store.shown, {})
                  const add = (from, to) => {
                    const time = new Date().toISOString()
                    for (let i = from; i < to; i++) store.add({ kind: 'message', time, subject: 'a', text: String(i) })
                  }
                  add(0, 50500)
                  await frames()
                  list.following = false
                  store.pause()
                  box.scrollTop = 40000 * 23
                  await frames()
                  store.take(1000)
                  add(50500, 51001)
                  await frames()
                  return [store.shown.length, list.entries[Math.floor(box.scrollTop / 23)].text].join()
                }""");

        assertThat(place).isEqualTo("50000,40000");
    }

    /** More than can wait: the stream has them still. */
    @Test
    void leadsToTheMessagesThatPassedWhilePaused() {
        try (TestStreams streams = new TestStreams(server)) {
            openWhatPassedWhilePaused(streams);

            page.locator("#detail a").focus();
            press("Enter");

            assertThat(page).hasURL(root + "?subject=page.%3E&from=seq%3A2#2");
            assertThat(page.locator("#events [aria-selected=true]")).containsText(Pattern.compile(" ?2$"));
            assertThat(page.locator("#detail .payload")).hasText("2");
            assertThat(page.locator("#events")).isFocused();
            remove(streams);
        }
    }

    @Test
    void showsOnAPhoneTheMessagesThatPassedWhilePaused() {
        tab.close();
        use(ColorScheme.LIGHT, 360, 720);
        try (TestStreams streams = new TestStreams(server)) {
            openWhatPassedWhilePaused(streams);

            tab.press("Read on from sequence 2");

            assertThat(page).hasURL(root + "?subject=page.%3E&from=seq%3A2#2");
            assertThat(page.locator("#events [aria-selected=true]")).containsText(Pattern.compile(" ?2$"));
            assertThat(page.locator("#detail")).isHidden();
            remove(streams);
        }
    }

    /** The row is the last one, and is told over the list, because a list that runs leaves it. */
    private void openWhatPassedWhilePaused(TestStreams streams) {
        stored(streams, 1);
        open("?subject=page.>&tail=1");
        assertThat(page.locator(ROWS)).hasCount(1);
        press("Space");
        streams.store("page.x", 2, 60_002);
        assertThat(page.locator("#waiting")).hasText("paused, 60,000 new");

        press("End");
        assertThat(page.locator("#told")).hasText("10,000 messages passed while paused");
        press("ArrowUp");
        assertThat(page.locator("#events [aria-selected=true]"))
                .containsText("10,000 messages passed while paused: open to read them");
        press("Enter");
    }

    @Test
    void loadsOlderMessagesAtTheTop() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 700);
            open("?subject=page.>&tail=20");
            assertThat(page.locator("#events")).containsText("message 700");

            page.keyboard().press("Home");
            assertThat(page.locator("#told")).hasText("500 older messages");
            page.keyboard().press("Home");
            assertThat(page.locator("#told")).hasText("180 older messages");
            page.keyboard().press("Home");

            assertThat(page.locator("#events")).containsText("The beginning of what is stored");
            assertThat(page.getByText("message 1", new Page.GetByTextOptions().setExact(true)))
                    .isVisible();
            remove(streams);
        }
    }

    /** The list holds 50,000, and some that the bound removes together. */
    @Test
    void loadsOlderMessagesIntoAListThatIsFull() {
        try (TestStreams streams = new TestStreams(server)) {
            openMoreThanIsHeld(streams);
            press("Home");
            assertThat(page.locator("#told")).hasText("500 older messages");
            Locator selected = page.locator("#events [aria-selected=true] .text");
            int oldest = Integer.parseInt(selected.textContent());

            press("Home");

            assertThat(selected).hasText(Integer.toString(oldest - 500));
            press("End");
            assertThat(page.locator("#events")).containsText("60000");
            assertThat(page.locator("#events .notice")).hasCount(0);
            remove(streams);
        }
    }

    @Test
    void readsOnAtTheEndOfAListThatMadeRoomForOlderMessages() {
        try (TestStreams streams = new TestStreams(server)) {
            openMoreThanIsHeld(streams);
            press("Home");
            assertThat(page.locator("#waiting")).hasText(Pattern.compile("paused, 1,\\d{3} more below"));

            page.locator("#events").hover();
            page.mouse().wheel(0, 2_000_000);

            assertThat(page.locator("#waiting")).hasText(Pattern.compile("paused, \\d{3} more below"));
            assertThat(page.locator("#events .notice")).hasCount(0);
            remove(streams);
        }
    }

    private void openMoreThanIsHeld(TestStreams streams) {
        streams.create("PAGE", "page.>");
        streams.store("page.x", 1, 60_001);
        open("?subject=page.>&from=all");
        assertThat(page.locator("#counts")).containsText("60,000 messages");
    }

    /** The store alone: at first the newest ones wait again, then they are more than can wait. */
    @Test
    void leadsToTheMessagesThatMadeRoomForOlderOnes() {
        open("?subject=page.none");

        Object held = page.evaluate("""
                async () => {
                  const { Store } = await import('/console/store.js')
                  const store = new Store(() => {}, (count, from) => ({ kind: 'notice', text: `passed ${count} from ${from}`, from }))
                  const messages = from => Array.from({ length: 500 }, (_, i) => ({ kind: 'message', text: String(from + i), seq: from + i }))
                  for (let seq = 200001; seq < 250001; seq += 500) messages(seq).forEach(entry => store.add(entry))
                  store.pause()
                  for (let seq = 199501; seq > 140000; seq -= 500) store.prepend(messages(seq))
                  const { shown: { length, 0: { text: first } }, waiting } = store
                  store.take(2)
                  return [length, first, waiting, ...store.shown.slice(-4).map(({ text }) => text)].join()
                }""");

        assertThat(held).isEqualTo("50000,140001,60000,190000,passed 10000 from 190001,200001,200002");
    }

    @Test
    void countsWhatHadPassedWithTheMessagesThatMadeRoom() {
        open("?subject=page.none");

        Object held = page.evaluate("""
                async () => {
                  const { Store } = await import('/console/store.js')
                  const store = new Store(() => {}, (count, from) => ({ kind: 'notice', text: `passed ${count} from ${from}`, from }))
                  const message = seq => ({ kind: 'message', text: String(seq), seq })
                  const older = from => Array.from({ length: 500 }, (_, i) => message(from + i))
                  for (let seq = 100001; seq <= 150000; seq++) store.add(message(seq))
                  store.pause()
                  for (let seq = 150001; seq <= 210000; seq++) store.add(message(seq))
                  store.take(1)
                  for (let seq = 99501; seq > 98500; seq -= 500) store.prepend(older(seq))
                  const { waiting } = store
                  store.take(1)
                  return [waiting, ...store.shown.slice(-3).map(({ text }) => text)].join()
                }""");

        assertThat(held).isEqualTo("61500,148500,passed 11500 from 148501,160001");
    }

    /** A list that fits its box has nothing to scroll. */
    @Test
    void loadsOlderMessagesByTheWheelIntoAShortList() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 30);
            open("?subject=page.>&tail=5");
            assertThat(page.locator(ROWS)).hasCount(5);

            page.locator("#events").hover();
            page.mouse().wheel(0, -100);

            assertThat(page.locator("#told")).hasText("25 older messages");
            assertThat(page.locator(ROWS).last()).hasAttribute("aria-setsize", "31");
            assertThat(page.locator("#paused")).isVisible();
            remove(streams);
        }
    }

    @Test
    void resumesByTheWheelInAShortList() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 3);
            open("?subject=page.>&tail=2");
            assertThat(page.locator(ROWS)).hasCount(2);
            page.locator("#events").hover();
            page.mouse().wheel(0, -100);
            assertThat(page.locator("#events")).containsText("The beginning of what is stored");
            assertThat(page.locator("#paused")).isVisible();

            page.mouse().wheel(0, 100);

            assertThat(page.locator("#paused")).isHidden();
            remove(streams);
        }
    }

    @Test
    void takesNoZoomForAScroll() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 30);
            open("?subject=page.>&tail=5");
            assertThat(page.locator("#older")).isVisible();

            page.evaluate("document.getElementById('events')"
                    + ".dispatchEvent(new WheelEvent('wheel', { deltaY: -100, ctrlKey: true }))");

            assertThat(page.locator("#paused")).isHidden();
            remove(streams);
        }
    }

    @Test
    void addsNoOlderMessagesToAListThatWasClearedMeanwhile() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 30);
            open("?subject=page.>&tail=5");
            assertThat(page.locator(ROWS)).hasCount(5);
            List<Route> held = new ArrayList<>();
            page.route(url -> url.contains("from=seq"), held::add);
            press("Home");
            page.waitForCondition(() -> !held.isEmpty());

            page.locator("#clear").click();
            held.forEach(Route::resume);

            assertThat(page.locator("#told")).hasText("");
            assertThat(page.locator(ROWS)).hasCount(0);
            remove(streams);
        }
    }

    @Test
    void addsNoOlderMessagesToAListThatRunsOnMeanwhile() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 30);
            open("?subject=page.>&tail=5");
            assertThat(page.locator(ROWS)).hasCount(5);
            List<Route> held = new ArrayList<>();
            page.route(url -> url.contains("from=seq"), held::add);
            press("Home");
            page.waitForCondition(() -> !held.isEmpty());

            press("End");
            held.forEach(Route::resume);

            assertThat(page.locator("#told")).hasText("");
            assertThat(page.locator(ROWS)).hasCount(5);
            remove(streams);
        }
    }

    @Test
    void keepsTheOpenMessageWhileItLoadsOlderOnesByTheButton() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 30);
            open("?subject=page.>&tail=5");
            row("message 30").click();
            assertThat(page.locator("#detail .payload")).hasText("message 30");

            page.locator("#older").click();

            assertThat(page.locator("#told")).hasText("25 older messages");
            assertThat(page.locator("#detail .payload")).hasText("message 30");
            remove(streams);
        }
    }

    @Test
    void loadsOlderMessagesByTheWheelAtTheTopOfALongList() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 300);
            open("?subject=page.>&tail=100");
            assertThat(page.locator("#events")).containsText("message 300");

            page.locator("#events").hover();
            page.mouse().wheel(0, -20_000);
            assertThat(page.locator("#told")).hasText("200 older messages");
            page.mouse().wheel(0, -20_000);

            assertThat(page.locator("#events")).containsText("The beginning of what is stored");
            remove(streams);
        }
    }

    @Test
    void runsOnIfTheWheelFindsNothingOlder() {
        open("?subject=page.>");
        publish("page.x", "one");
        assertThat(page.locator(ROWS)).hasCount(1);

        page.locator("#events").hover();
        page.mouse().wheel(0, -100);
        publish("page.x", "two");

        assertThat(page.locator(ROWS)).hasCount(2);
        assertThat(page.locator("#paused")).isHidden();
    }

    @Test
    void loadsOlderMessagesByATapOnAPhone() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 30);
            Page phone = browser.context(new Browser.NewContextOptions()
                            .setViewportSize(360, 720)
                            .setHasTouch(true))
                    .newPage();
            phone.navigate(root + "?subject=page.>&tail=5");
            assertThat(phone.locator(ROWS)).hasCount(5);

            phone.locator("#older").tap();

            assertThat(phone.locator("#told")).hasText("25 older messages");
            assertThat(phone.locator(ROWS).last()).hasAttribute("aria-setsize", "31");
            assertThat(phone.locator("#older")).isHidden();
            phone.close();
            remove(streams);
        }
    }

    @Test
    void offersOlderMessagesOnlyIfThereMayBeSome() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 3);
            open("?subject=page.>&tail=2");
            assertThat(page.locator("#older")).isVisible();

            open("?subject=page.>&from=all");
            assertThat(page.locator(ROWS)).hasCount(3);

            assertThat(page.locator("#older")).isHidden();
            remove(streams);
        }
    }

    @Test
    void goesToTheTopBeforeOlderMessagesAreDrawn() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 300);
            open("?subject=page.>&tail=20");
            assertThat(page.locator("#events")).containsText("message 300");
            page.evaluate("""
                    () => new MutationObserver((changes, observer) => {
                        if (!document.getElementById('told').textContent.endsWith('older messages')) return
                        observer.disconnect()
                        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true }))
                    }).observe(document.getElementById('told'), { childList: true })
                    """);

            page.keyboard().press("Home");

            assertThat(page.locator("#events [aria-selected=true]")).containsText("The beginning of what is stored");
            remove(streams);
        }
    }

    @Test
    void tellsTheTimeOfTheReaderAndUtc() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 1);
            String time = given().get("/v1/streams/PAGE/messages?limit=1").path("messages[0].time");
            CDPSession reader = tab.context().newCDPSession(page);
            JsonObject zone = new JsonObject();
            zone.addProperty("timezoneId", "Asia/Kolkata");
            reader.send("Emulation.setTimezoneOverride", zone);
            page.navigate(root + "?subject=page.>&from=seq:1#1");

            String local = DateTimeFormatter.ofPattern("EEE MMM dd yyyy HH:mm:ss", Locale.ENGLISH)
                    .format(Instant.parse(time).atZone(ZoneId.of("Asia/Kolkata")));
            assertThat(page.locator("#detail .facts .soft")).hasText(new String[] {local + " GMT+0530", time});
            remove(streams);
        }
    }

    @Test
    void opensTheMessageOfAPermalink() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 50);
            page.navigate(root + "?subject=page.>&from=seq:20#20");

            assertThat(page.locator("#detail")).containsText("message 20");
            assertThat(page.locator("#detail .facts")).containsText("20");
            assertThat(page.locator("#events [aria-selected=true]")).containsText("message 20");
            remove(streams);
        }
    }

    @Test
    void startsAtASequence() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 50);
            open("?subject=page.>");
            page.locator("#begin").selectOption("seq:");
            page.locator("#at").fill("41");
            page.locator("button.main").click();

            assertThat(page).hasURL(root + "?subject=page.%3E&from=seq%3A41");
            assertThat(page.locator(ROWS)).hasCount(10);
            remove(streams);
        }
    }

    /** More than the page holds, which would lose what was asked for. */
    @Test
    void showsThePlaceThatWasAskedForFirst() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("PAGE", "page.>");
            streams.store("page.x", 1, 60_001);

            open("?subject=page.>&from=seq:100");

            assertThat(page.locator("#events [aria-selected=true]")).containsText(Pattern.compile(" ?100$"));
            assertThat(page.locator("#counts")).containsText("59,901 messages");
            assertThat(page.locator(ROWS).first()).containsText(Pattern.compile(" ?100$"));
            assertThat(page.locator(ROWS).first()).hasAttribute("aria-posinset", "1");
            remove(streams);
        }
    }

    @Test
    void readsOnFromAPlaceAndStaysPaused() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("PAGE", "page.>");
            streams.store("page.x", 1, 2_001);
            open("?subject=page.>&from=seq:20#20");
            assertThat(page.locator("#waiting")).hasText("paused, 1,480 more below");
            assertThat(page.locator(ROWS).first()).hasAttribute("aria-setsize", "501");

            page.locator("#events").hover();
            page.mouse().wheel(0, 20_000);

            assertThat(page.locator("#waiting")).hasText("paused, 980 more below");
            assertThat(page.locator(ROWS).first()).hasAttribute("aria-setsize", "1001");
            assertThat(page.locator("#detail")).isVisible();
            remove(streams);
        }
    }

    @Test
    void saysWhatIsMissingWhereReadingOnComesToIt() {
        open("?subject=page.none");

        Object held = page.evaluate("""
                async () => {
                  const { Store } = await import('/console/store.js')
                  const store = new Store(() => {}, count => ({ kind: 'notice', text: 'passed ' + count }))
                  store.pause()
                  for (let i = 0; i < 60000; i++) store.add({ kind: 'message', text: String(i) })
                  store.take(2)
                  const [missing, next] = store.shown
                  return missing.text === 'passed ' + next.text && store.waiting === 60000 - 2 - Number(next.text)
                }""");

        assertThat(held).isEqualTo(true);
    }

    @Test
    void tellsAWrongPatternAtItsField() {
        open("");
        page.locator("#more summary").click();
        page.locator("#not").fill("(");
        page.locator("button.main").click();

        assertThat(page.locator("#not")).hasAttribute("aria-invalid", "true");
        assertThat(page.locator("#refusal")).containsText("regular expression");
        page.locator("#not").fill("fixed");
        page.locator("button.main").click();
        assertThat(page.locator("#refusal")).hasText("");
        assertConnected();
        tab.expectComplaint("400");
    }

    @Test
    void hidesAndSolosASubjectWithAClick() {
        open("?subject=page.>");
        publish("page.a", "one");
        publish("page.b", "two");
        Locator noisy = page.locator(ROWS).filter(new Locator.FilterOptions().setHasText("one"));
        noisy.hover();
        noisy.locator(".act.hide").click();

        assertThat(page.locator("#events")).not().containsText("one");
        assertThat(page.locator("#hidden")).hasText("hidden: page.a");
        assertThat(page).hasURL(Pattern.compile("hide=page\\.a$"));

        page.locator(".chip").click();
        assertThat(page.locator("#events")).containsText("one");
        noisy.hover();
        noisy.locator(".act.solo").click();
        assertThat(page.locator("#subject")).hasValue("page.a");
    }

    @Test
    void findsInWhatIsShown() {
        open("?subject=page.>");
        List.of("red", "green", "red again").forEach(text -> publish("page.x", text));
        assertThat(page.locator(ROWS)).hasCount(3);

        page.keyboard().press("f");
        page.keyboard().type("RED");
        page.keyboard().press("Enter");

        assertThat(page.locator("#find output")).hasText("1 of 2");
        assertThat(page.locator("#events mark")).hasCount(2);
        page.keyboard().press("Enter");
        assertThat(page.locator("#events [aria-selected=true]")).containsText("red again");
        page.keyboard().press("Shift+Enter");
        assertThat(page.locator("#find output")).hasText("1 of 2");
        page.locator("#find .previous").click();
        assertThat(page.locator("#find output")).hasText("2 of 2");
    }

    @Test
    void findsFromTheTopOfTheViewOn() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 300);
            open("?subject=page.>&from=all");
            assertThat(page.locator("#events")).containsText("message 300");

            press("f");
            page.keyboard().type("message");
            page.keyboard().press("Enter");

            assertThat(page.locator("#find output")).hasText(Pattern.compile("2\\d\\d of 300"));
            remove(streams);
        }
    }

    @Test
    void marksWhatTheFilterLooksFor() {
        open("?subject=page.>&contains=tea");
        publish("page.tea", "green tea and tea, no TEA");

        assertThat(page.locator("#events mark")).hasText(new String[] {"tea", "tea"});
        press("f");
        page.keyboard().type("green");
        assertThat(page.locator("#events mark")).hasText("green");
    }

    @Test
    void coloursTheFirstSubjectsApart() {
        open("?subject=shop.>");
        List<String> subjects =
                List.of("shop.orders.paid", "shop.billing.error", "shop.orders.created", "shop.billing.warn");
        subjects.forEach(subject -> publish(subject, "text"));
        assertThat(page.locator(ROWS)).hasCount(4);

        assertThat(page.locator(ROWS + " .subject").evaluateAll("all => new Set(all.map(one => one.className)).size"))
                .isEqualTo(4);
    }

    @Test
    void opensAMessageByKeys() {
        open("?subject=page.>");
        publish("page.error", "{\"order\":{\"id\":7,\"paid\":true},\"lines\":[1,2]}");
        assertThat(page.locator(ROWS + ".level-error")).hasCount(1);

        page.keyboard().press("ArrowUp");
        page.keyboard().press("Enter");

        assertThat(page.locator("#detail .json-key").first()).hasText("\"order\"");
        assertThat(page.locator("#detail .facts")).containsText("44 bytes");
        page.locator("#detail .tabs").getByText("Hex").click();
        assertThat(page.locator("#detail .hex")).containsText("00000000  7b 22 6f 72");
        page.locator("#detail .tabs").getByText("Text").click();
        assertThat(page.locator("#detail .payload")).containsText("{\"order\"");
        page.keyboard().press("Escape");
        assertThat(page.locator("#detail")).isHidden();
    }

    @Test
    void beginsAnObjectOnTheLineOfItsName() {
        open("?subject=page.>");
        publish("page.x", "{\"order\":{\"id\":7}}");
        page.locator(ROWS).click();

        assertThat(page.locator("#detail .json-field > .json > summary")).hasText("\"order\": {1 field");
        page.locator("#detail .json-key").getByText("\"order\"").click();
        assertThat(page).hasURL(root + "?subject=page.%3E&column=order");
        assertThat(page.locator("#detail .json-key").getByText("\"id\"")).isVisible();
    }

    @Test
    void tellsHowLongAgoWhileAMessageIsOpen() {
        page.clock().install();
        open("?subject=page.>");
        publish("page.x", "text");
        page.locator(ROWS).click();
        assertThat(page.locator("#detail .facts")).not().containsText("10 minutes ago");

        page.clock().fastForward(610_000);

        assertThat(page.locator("#detail .facts")).containsText("10 minutes ago");
    }

    @Test
    void opensAMessageThatIsClickedWhileOthersCome() {
        open("?subject=page.>");
        IntStream.range(0, 40).forEach(i -> publish("page.x", "before " + i));
        row("before 39").hover();

        page.mouse().down();
        IntStream.range(0, 40).forEach(i -> publish("page.x", "meanwhile " + i));
        assertThat(page.locator("#waiting")).hasText("paused, 40 new");
        page.mouse().up();

        assertThat(page.locator("#detail .payload")).hasText("before 39");
    }

    /** The button is released elsewhere, or never: a menu, another window or a drag takes it over. */
    @ParameterizedTest
    @ValueSource(strings = {"blur", "contextmenu", "dragend", "pointercancel"})
    void showsThatItIsPausedAfterAPressThatWasLost(String event) {
        open("?subject=page.>");
        publish("page.x", "one");
        row("one").hover();
        page.mouse().down();
        assertThat(page.locator("#pause")).hasText("Resume");
        assertThat(page.locator("#paused")).isHidden();

        page.evaluate("event => dispatchEvent(new Event(event))", event);

        assertThat(page.locator("#paused")).isVisible();
    }

    /** It opens the menu of macOS. */
    @Test
    void isNotPausedByAPressWithControl() {
        open("?subject=page.>");
        publish("page.x", "one");
        row("one").hover();

        page.keyboard().down("Control");
        page.mouse().down();

        assertThat(page.locator("#pause")).hasText("Pause");
    }

    @Test
    void hidesASubjectByItsSignWhileOthersCome() {
        open("?subject=page.>");
        IntStream.range(0, 40).forEach(i -> publish("page.a", "before " + i));
        row("before 39").hover();
        row("before 39").locator(".act.hide").hover();

        page.mouse().down();
        IntStream.range(0, 40).forEach(i -> publish("page.b", "meanwhile " + i));
        assertThat(page.locator("#counts")).containsText("80 messages");
        page.mouse().up();

        assertThat(page.locator("#hidden")).hasText("hidden: page.a");
        assertThat(page.locator("#events")).containsText("meanwhile 39");
        assertThat(page.locator("#paused")).isHidden();
    }

    @Test
    void copiesTheCommandThatPublishesAMessageAgain() {
        tab.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        open("?subject=page.>");
        publish("page.x", "it's");
        page.locator(ROWS).click();

        page.locator("#detail").getByText("Copy curl").click();
        assertThat(page.locator("#detail .actions")).containsText("Copied");
        assertThat(page.evaluate("navigator.clipboard.readText()"))
                .isEqualTo("curl -H 'Content-Type: text/plain; charset=UTF-8' --data-raw 'it'\\''s' '" + root
                        + "v1/publish/page.x'");
    }

    @Test
    void copiesAMessageAsTextAndAsANatsCommandAndItsLink() {
        tab.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 3);
            open("?subject=page.>&from=all");
            page.locator(ROWS).last().click();

            assertThat(copied("Copy text")).isEqualTo("message 3");
            assertThat(copied("Copy nats")).isEqualTo("nats pub -- 'page.x' 'message 3'");
            assertThat(copied("Copy link")).isEqualTo(root + "?subject=page.%3E&from=seq%3A3#3");
            remove(streams);
        }
    }

    /** A shell takes each payload as one word, curl reads no file because of it, and nats takes none for an option. */
    @ParameterizedTest
    @ValueSource(strings = {"@/etc/hostname", "--server=elsewhere", "it's", "'; id; '", "$(id) `id` \"", "a\nb"})
    void copiesCommandsThatSendAnyPayloadAsItIs(String text) throws Exception {
        tab.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        open("?subject=page.>");
        publish("page.x", text);
        page.locator(ROWS).click();

        assertThat(arguments(copied("Copy curl"))).containsSequence("--data-raw", text);
        assertThat(arguments(copied("Copy nats"))).endsWith("--", "page.x", text);
    }

    /** The command is run: what it stores is what was shown. */
    @ParameterizedTest
    @ValueSource(strings = {"tea", "@/etc/hostname", "a\\r\\nb", "a\\0b", ""})
    void copiesACommandThatStoresTheSameMessage(String escaped) throws Exception {
        String text = escaped.translateEscapes();
        try (TestStreams streams = new TestStreams(server)) {
            storeAndOpen(streams, text);

            run(copied("Copy curl"));

            given().get("/v1/streams/PAGE/messages")
                    .then()
                    .body("messages.data", equalTo(List.of(text, text)))
                    .body("messages[1].headers", not(hasKey("Content-Type")));
            remove(streams);
        }
    }

    /** Linux takes at most 128 KiB as one argument. */
    @Test
    void copiesACommandOfALargeMessage() throws Exception {
        String text = "it's large ".repeat(20_000);
        try (TestStreams streams = new TestStreams(server)) {
            storeAndOpen(streams, text);

            run(copied("Copy curl"));

            assertThat(given().get("/v1/streams/PAGE/messages/2").asString()).isEqualTo(text);
            assertThat(copied("Copy nats")).endsWith("| nats pub --force-stdin -- 'page.x'");
            remove(streams);
        }
    }

    @Test
    void copiesTheEmptyValueOfAHeader() throws Exception {
        tab.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("PAGE", "page.>");
            given().contentType("text/plain")
                    .header("NatsH-Empty", "")
                    .body("tea")
                    .post("/v1/publish/page.x");
            open("?subject=page.>&from=all");
            page.locator(ROWS).click();

            run(copied("Copy curl"));

            given().get("/v1/streams/PAGE/messages").then().body("messages[1].headers.Empty", equalTo(List.of("")));
            remove(streams);
        }
    }

    /** The command line tool of NATS takes {@code {{…}}} in a body and in a subject for its templates. */
    @ParameterizedTest
    @CsvSource({"page.x, {{Count}}, true", "page.{{Count}}, tea, true", "page.x, {Count}, false"})
    void copiesACommandThatFillsInNoTemplate(String subject, String text, boolean plain) throws Exception {
        tab.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        open("?subject=page.>");
        try (Connection connection = TestConnections.open(Options.builder().server(server.url()))) {
            connection.publish(subject, text.getBytes(UTF_8));
            connection.flush(Timeouts.LIMIT);
        }
        page.locator(ROWS).click();

        List<String> arguments = arguments(copied("Copy nats"));
        assertThat(arguments).endsWith("--", subject, text);
        assertThat(arguments.contains("--no-templates")).isEqualTo(plain);
    }

    /** The CLI fills in templates in headers whatever its options say. */
    @Test
    void copiesACommandThatFillsInNoTemplateOfAHeader() throws Exception {
        tab.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        open("?subject=page.>");
        try (Connection connection = TestConnections.open(Options.builder().server(server.url()))) {
            connection.publish("page.x", new Headers().add("Kind", "{{Count}}"), "tea".getBytes(UTF_8));
            connection.flush(Timeouts.LIMIT);
        }
        page.locator(ROWS).click();

        assertThat(arguments(copied("Copy nats"))).contains("Kind:{{\"{{\"}}Count}}");
    }

    private void storeAndOpen(TestStreams streams, String text) {
        tab.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        streams.create("PAGE", "page.>");
        streams.store("page.x", text);
        open("?subject=page.>&from=all");
        page.locator(ROWS).click();
    }

    /** Runs the command in a shell, as a file, because it can be longer than an argument. */
    private static void run(String command) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "needs curl");
        Path script = Files.writeString(Files.createTempFile("command", ".sh"), command);
        Process shell = new ProcessBuilder("sh", script.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), UTF_8);
        assertThat(shell.waitFor()).as(output).isZero();
        Files.delete(script);
    }

    /** A link to a view may be of anybody. */
    @ParameterizedTest
    @ValueSource(strings = {"#try", "#try-watch", "#try-store"})
    void quotesTheSubjectsOfALinkInItsCommands(String command) throws Exception {
        open("?subject=page.a%27;id;%27");

        assertThat(arguments(page.locator(command).textContent()))
                .first()
                .asString()
                .startsWith("-");
    }

    /** Returns what a shell hands to the command. A second command would fail the test: its output has no last NUL. */
    private static List<String> arguments(String command) throws Exception {
        Process shell = new ProcessBuilder(
                        "sh", "-c", "curl() { printf '%s\\0' \"$@\"; }; nats() { curl \"$@\"; }; " + command)
                .redirectErrorStream(true)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), UTF_8);
        assertThat(shell.waitFor()).isZero();
        assertThat(output).endsWith("\0");
        return List.of(output.substring(0, output.length() - 1).split("\0", -1));
    }

    private String copied(String name) {
        tab.press(name);
        assertThat(page.locator("#detail .actions")).containsText("Copied");
        return (String) page.evaluate("navigator.clipboard.readText()");
    }

    @Test
    void linksAMessageInTheViewInWhichItWasOpened() {
        tab.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 3);
            open("?subject=page.>&from=all");
            page.locator(ROWS).last().click();

            page.locator("#subject").fill("page.y");
            page.locator("button.main").first().click();
            assertThat(page).hasURL(root + "?subject=page.y&from=all");

            assertThat(copied("Copy link")).isEqualTo(root + "?subject=page.%3E&from=seq%3A3#3");
            remove(streams);
        }
    }

    @Test
    void selectsTheNewestMessageOfANewSearchFirst() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 5);
            open("?subject=page.>&from=all");
            page.locator(ROWS).first().click();
            page.locator("#contains").fill("message");
            page.locator("button.main").first().click();
            assertThat(page.locator(ROWS)).hasCount(5);
            assertThat(page.locator("#events [aria-selected=true]")).hasCount(0);

            page.locator("#events").focus();
            page.keyboard().press("ArrowUp");

            assertThat(page.locator("#events [aria-selected=true]")).containsText("message 5");
            remove(streams);
        }
    }

    @Test
    void opensNoOtherMessageAfterComingBackToAPermalink() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 50);
            page.navigate(root + "?subject=page.>&from=seq:20#20");
            assertThat(page.locator("#detail")).containsText("message 20");
            page.keyboard().press("Escape");
            page.keyboard().press("End");

            page.keyboard().press("2");
            assertThat(page.locator("#page h2")).hasText("Streams");
            page.goBack();
            streams.store("page.x", "message 51");

            assertThat(page.locator("#events")).containsText("message 51");
            assertThat(page.locator("#detail")).isHidden();
            remove(streams);
        }
    }

    @Test
    void leavesTheStreamOfALinkWithItsSubjects() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 3);
            open("?subject=page.>&stream=PAGE&source=stream");
            assertThat(page.locator("#hidden")).hasText("stream PAGE");

            page.locator("#subject").fill("page.none");
            page.locator("button.main").first().click();

            assertThat(page).hasURL(root + "?subject=page.none");
            assertThat(page.locator("#hidden")).hasText("");
            remove(streams);
        }
    }

    /** Each of them is also what a string or an object of the script has. */
    @ParameterizedTest
    @ValueSource(strings = {"link", "constructor", "length", "toString"})
    void showsNoFieldThatTheMessageHasNot(String column) {
        open("?subject=page.>&column=" + column);
        publish("page.x", "\"text\"");
        publish("page.x", "{\"a\":1}");

        assertThat(page.locator(ROWS)).hasCount(2);
        assertThat(page.locator(ROWS).locator(".cell")).hasText(new String[] {"", ""});
    }

    @Test
    void saysNothingOfAnEmptyPageWhenAllThatCameIsHidden() {
        open("?subject=page.>&hide=page.x");
        assertThat(page.locator("#empty")).isVisible();

        publish("page.x", "hidden");

        assertThat(page.locator("#counts")).containsText("1 message ·");
        assertThat(page.locator("#empty")).isHidden();
    }

    @Test
    void loadsAgainWhatWasCleared() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 3);
            open("?subject=page.>&from=all");
            assertThat(page.locator(ROWS)).hasCount(3);
            page.keyboard().press("Home");
            assertThat(page.locator("#events")).containsText("The beginning of what is stored");

            page.locator("#clear").click();
            page.keyboard().press("End");
            streams.store("page.x", "message 4");
            assertThat(page.locator(ROWS)).hasCount(1);
            page.keyboard().press("Home");

            assertThat(page.locator("#told")).hasText("3 older messages");
            remove(streams);
        }
    }

    @Test
    void namesWhatCannotBeSeenInAText() {
        open("?subject=page.>");
        publish("page.x", "line\r\nnext\rsoft\u00ADhyphen\u3164\uDB40\uDC41.");
        page.locator(ROWS).click();

        assertThat(page.locator("#detail .payload .unseen"))
                .hasText(new String[] {"U+000D", "U+00AD", "U+3164", "U+E0041"});
    }

    @Test
    void namesARunOfTheSameCharacterOnce() {
        open("?subject=page.>");

        Object named = page.evaluate("""
                async () => {
                  const { visible } = await import('/console/text.js')
                  const spans = text => [...visible(text).querySelectorAll('.unseen')].map(({ textContent }) => textContent)
                  const many = visible('\\u0000\\u0001'.repeat(500000))
                  return [...spans('\\u0000'.repeat(1048576)), ...spans('a\\r\\r\\r\\nb'),
                    many.querySelectorAll('.unseen').length, [...many.textContent].filter(c => c < ' ').length].join(' ')
                }""");

        assertThat(named).isEqualTo("U+0000 ×1,048,576 U+000D ×2 10001 0");
    }

    /** What was typed and not sent stays, too. */
    @Test
    void hidesASubjectWithoutClearingAFilterThatWasTyped() {
        open("?subject=page.>");
        publish("page.a", "one");
        assertThat(page.locator(ROWS)).hasCount(1);
        page.locator("#contains").fill("typed");
        page.locator("#events").focus();

        press("ArrowUp h");

        assertThat(page.locator(ROWS)).hasCount(0);
        assertThat(page.locator("#contains")).hasValue("typed");
    }

    @Test
    void keepsItsPlaceWhenTheSubjectOfItsTopRowIsHidden() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("PAGE", "page.>");
            for (int i = 1; i <= 400; i++) {
                streams.store(i % 2 == 0 ? "page.even" : "page.odd", "message " + i);
            }
            open("?subject=page.>&from=all");
            assertThat(page.locator("#events")).containsText("message 400");
            page.keyboard().press("Home");
            assertThat(page.locator("#events [aria-selected=true]")).containsText("message 1");
            for (int i = 0; i < 6; i++) {
                page.keyboard().press("PageDown");
            }
            String top = topRow();
            Locator row = page.locator(ROWS).filter(new Locator.FilterOptions().setHasText(Pattern.compile(top + "$")));
            row.hover();
            row.locator(".act.hide").click();
            assertThat(page.locator("#hidden")).containsText("hidden");

            await().until(() -> Math.abs(messageNumber(topRow()) - messageNumber(top)) <= 2);
            remove(streams);
        }
    }

    /** The first row that is visible. Between a scroll and the next frame there may be none. */
    private String topRow() {
        return (String) page.waitForFunction("""
                () => {
                  const { top } = document.getElementById('events').getBoundingClientRect()
                  const [first] = [...document.querySelectorAll('#events [role=option]')]
                    .filter(row => row.getBoundingClientRect().bottom > top + 2)
                    .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
                  return first?.querySelector('.text').textContent
                }""").jsonValue();
    }

    private static int messageNumber(String text) {
        return Integer.parseInt(text.replaceAll("\\D", ""));
    }

    @Test
    void goesToTheMatchNextToAMessageThatIsNone() {
        open("?subject=page.>");
        List.of("red 1", "green", "red 2", "blue", "red 3").forEach(text -> publish("page.x", text));
        assertThat(page.locator(ROWS)).hasCount(5);
        press("f");
        page.keyboard().type("red");
        page.locator(ROWS).nth(3).click();

        page.locator("#find .previous").click();
        assertThat(page.locator("#find output")).hasText("2 of 3");
        page.locator(ROWS).nth(3).click();
        page.locator("#find .next").click();
        assertThat(page.locator("#find output")).hasText("3 of 3");
    }

    /** Over plain HTTP, on another host than this one, a browser has no other way to copy. */
    @Test
    void keepsTheFocusWhenItCopiesTheOldWay() {
        page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
        open("?subject=page.>");
        publish("page.x", "tea");
        page.locator(ROWS).click();

        page.locator("#detail").getByText("Copy text").click();

        assertThat(page.locator("#detail .actions")).containsText("Copied");
        assertThat(page.locator("#detail .actions button").first()).isFocused();
    }

    @Test
    void countsSecondsThatAPageWasNotCalledAsSeconds() {
        page.clock().install();
        open("?subject=page.>");
        page.clock().pauseAt(System.currentTimeMillis() + 5_000);
        for (int i = 0; i < 20; i++) {
            publish("page.x", "message " + i);
        }
        await().until(() -> {
            page.clock().runFor(100);
            return page.locator("#counts").textContent().startsWith("20 ");
        });

        page.clock().fastForward(10_000);

        assertThat(page.locator("#rate")).hasText(Pattern.compile("^[012](\\.\\d)?/s$"));
    }

    @Test
    void saysNothingOfMissingMessagesAfterASleepOverAQuietStream() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 1);
            page.clock().install();
            open("?subject=page.>");
            assertThat(page.locator("#state")).hasText("connected");

            page.clock().fastForward(600_000);
            assertConnected();
            streams.store("page.x", "meanwhile");

            assertThat(page.locator(ROWS)).hasText(new Pattern[] {Pattern.compile("meanwhile$")});
            assertThat(page.locator("#counts")).containsText("0 gaps");
            remove(streams);
        }
    }

    @Test
    void showsWhatAButtonOfAMessageDidOnAPhone() {
        tab.close();
        use(ColorScheme.LIGHT, 360, 720);
        open("?subject=page.>");
        publish("page.a", "one");
        publish("page.b", "two");
        page.locator(ROWS).first().click();
        assertThat(page.locator("#detail")).isVisible();
        assertThat(page.locator("header")).hasAttribute("inert", "");

        tab.press("Hide this subject");

        assertThat(page.locator("#detail")).isHidden();
        assertThat(page.locator(ROWS)).hasCount(1);
        assertThat(page.locator("header")).not().hasAttribute("inert", "");
        page.locator(ROWS).first().click();
        page.keyboard().press("7");
        assertThat(page.locator("header")).not().hasAttribute("inert", "");
    }

    /** Entries that are few but large, and headers, count too. */
    @Test
    void holdsSixtyFourMebicharactersOfPayloadAndHeaders() {
        open("?subject=page.none");

        Object held = page.evaluate("""
                async () => {
                  const { Store, Bounded } = await import('/console/store.js')
                  const store = new Store(() => {})
                  const large = { kind: 'message', text: '', subject: 'a', headers: { A: ['x'.repeat(2 ** 20)] } }
                  store.prepend([{ kind: 'notice', text: '', beginning: true }])
                  const complete = store.complete
                  for (let i = 0; i < 100; i++) store.add({ ...large })
                  const older = new Bounded({ entries: 50, characters: 3 * 2 ** 20 })
                  for (let i = 0; i < 10; i++) older.add({ ...large })
                  const removed = older.trim()
                  return [complete, store.complete, store.shown.length < 66, store.room.characters, older.entries.length].join()
                }""");

        assertThat(held).isEqualTo("true,false,true,4194304,2");
    }

    @Test
    void scrollsAnOpenMessageWithSpace() {
        open("?subject=page.>");
        publish("page.x", "a line\n".repeat(1_000));
        page.locator(ROWS).click();
        page.locator("#detail .body").focus();

        page.keyboard().press("Space");

        await().until(() -> (int) page.evaluate("Math.ceil(document.querySelector('#detail .body').scrollTop)") > 0);
        assertThat(page.locator("#paused")).isVisible();
    }

    @Test
    void wrapsLongMessagesAndShowsMoreRows() {
        open("?subject=page.>");
        publish("page.x", "a long line ".repeat(100));
        double height = page.locator(ROWS).boundingBox().height;

        page.keyboard().press("w");
        assertThat(page.locator("#wrap")).hasAttribute("aria-pressed", "true");
        assertThat(page.locator(ROWS).boundingBox().height).isGreaterThan(2 * height);

        page.keyboard().press("w");
        page.keyboard().press("d");
        assertThat(page.locator("#dense")).hasAttribute("aria-pressed", "true");
        assertThat(page.locator(ROWS).boundingBox().height).isLessThan(height);
    }

    @Test
    void savesWhatIsShown() throws IOException {
        open("?subject=page.>");
        publish("page.x", "one");
        publish("page.x", "two");
        assertThat(page.locator(ROWS)).hasCount(2);

        Download file = page.waitForDownload(() -> page.locator("#download").click());

        assertThat(file.suggestedFilename()).endsWith(".ndjson");
        assertThat(Files.readAllLines(file.path()))
                .hasSize(2)
                .allMatch(line -> line.startsWith("{\"subject\":\"page.x\""));
    }

    @Test
    void showsAwkwardMessagesAsText() {
        open("?subject=page.>");
        String lines = IntStream.range(0, 10_000).mapToObj(i -> "\n" + i).collect(Collectors.joining(",", "[", "]"));
        publish("page.script", "<script>document.title='broken'</script>");
        publish("page." + "s".repeat(1_019), "a long subject");
        publish("page.rtl", "abc \u202Egnp.exe \u200Bzero");
        given().contentType("application/octet-stream")
                .body(new byte[] {(byte) 0xC3, 0x28, (byte) 0xFF})
                .post("/v1/publish/page.binary?ack=none")
                .then()
                .statusCode(202);
        publish("page.json", lines);
        publish("page.big", "x".repeat(1_000_000) + "END");
        assertThat(page.locator(ROWS)).hasCount(6);

        assertThat(page).hasTitle("page.> · Sluice");
        assertThat(page.locator("#events")).containsText("<script>");
        assertThat(page.locator("#events")).containsText("U+202E");
        row("page.binary").click();
        assertThat(page.locator("#detail .hex")).containsText("c3 28 ff");
        row("page.json").click();
        assertThat(page.locator("#detail .json .more")).hasText("9900 more");
        row("page.big").click();
        assertThat(row("page.big")).containsText("… cut");
        tab.press("Show all");
        assertThat(page.locator("#detail .payload")).containsText("END");
    }

    @Test
    void saysWhatAnEmptyPageWouldShow() {
        open("?subject=page.*.new");

        assertThat(page.locator("#empty")).containsText("page.*.new");
        assertThat(page.locator("#try")).hasText("curl -d hello '" + root + "v1/publish/page.demo.new?ack=none'");
        assertThat(page.locator("#try-watch")).hasText("curl -N '" + root + "v1/events?subject=page.*.new'");
        assertThat(page.locator("#try-store"))
                .hasText("curl -X PUT -H 'Content-Type: application/json' -d '{\"subjects\":[\"page.*.new\"]}' '" + root
                        + "v1/streams/PAGE'");
        publish("page.demo.new", "hello");
        assertThat(page.locator("#empty")).isHidden();
    }

    @Test
    void offersWhatIsStoredOnAnEmptyPage() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 3);
            open("?subject=nothing.>");

            page.locator("#stored a").getByText("PAGE").click();

            assertThat(page).hasURL(root + "?subject=page.%3E&source=stream&tail=100");
            assertThat(page.locator(ROWS)).hasCount(3);
            remove(streams);
        }
    }

    @Test
    void saysThatNoStreamStoresWhatItShouldBeginWith() {
        page.navigate(root + "?subject=nothing.>&tail=100");

        assertThat(page.locator("#refusal")).containsText("No single stream stores nothing.>");
        assertThat(page.locator("#begin")).hasAttribute("aria-invalid", "true");
        assertThat(page.locator(ROWS)).hasCount(0);
        assertThat(page.locator("#try-store")).isVisible();
        tab.press("Tail from now on");

        assertThat(page).hasURL(root + "?subject=nothing.%3E");
        assertConnected();
        tab.expectComplaint("400");
    }

    @Test
    void saysThatTheFiltersLetNothingPass() {
        open("?subject=page.>&contains=tea&level=warn");

        assertThat(page.locator("#nothing")).containsText("Nothing of page.> passes these filters");
        assertThat(page.locator("#empty")).isHidden();
        tab.press("Remove the filters");

        assertThat(page).hasURL(root + "?subject=page.%3E");
        assertThat(page.locator("#empty")).isVisible();
    }

    @Test
    void saysThatItWasCleared() {
        open("?subject=page.>");
        publish("page.x", "one");
        assertThat(page.locator(ROWS)).hasCount(1);

        tab.press("Clear");
        assertThat(page.locator("#nothing")).containsText("Cleared: new messages appear here");
        publish("page.x", "two");

        assertThat(page.locator("#nothing")).isHidden();
        assertThat(page.locator("#empty")).isHidden();
    }

    @Test
    void offersNoStreamForSubjectsThatOneStores() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("PAGE", "page.>");
            open("?subject=page.>");

            assertThat(page.locator("#try")).isVisible();
            assertThat(page.locator("#try-store")).isHidden();
            remove(streams);
        }
    }

    @Test
    void copiesTheCommandsOfAnEmptyPage() {
        tab.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        open("?subject=page.>");
        page.locator("#try + .copy").click();

        assertThat(page.locator("#try + .copy")).hasText("Copied");
        assertThat(page.evaluate("navigator.clipboard.readText()"))
                .isEqualTo("curl -d hello '" + root + "v1/publish/page.demo?ack=none'");
    }

    @Test
    void tellsWhereItIsInAStream() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 50);
            open("?subject=page.>&from=all");

            assertThat(page.locator("#position")).hasText("at 50 of 50 in PAGE · up to date");
            open("?subject=page.*&subject=page.x.>&from=seq:50");
            assertThat(page.locator("#position")).hasText("at 50 of 50 in PAGE");
            remove(streams);
        }
    }

    @Test
    void tellsHowFarItIsBehind() {
        holdMessagesOnRequest();
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 3);
            open("?subject=page.>&from=all");
            assertThat(page.locator("#position")).hasText("at 3 of 3 in PAGE · up to date");

            page.evaluate("window.held = []");
            streams.store("page.x", 4, 8);
            assertThat(page.locator("#position")).hasText("at 3 of 7 in PAGE · 4 behind");
            page.evaluate("held.splice(0).forEach(come => come())");

            assertThat(page.locator("#position")).hasText("at 7 of 7 in PAGE · up to date");
            page.evaluate("window.held = undefined");
            remove(streams);
        }
    }

    @Test
    void tellsHowFarASubjectIsBehind() {
        holdMessagesOnRequest();
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 3);
            streams.store("page.y", "of another subject");
            open("?subject=page.x&from=all");
            assertThat(page.locator("#position")).hasText("at 3 of 4 in PAGE · up to date");

            page.evaluate("window.held = []");
            streams.store("page.y", "of another subject");
            assertThat(page.locator("#position")).hasText("at 3 of 5 in PAGE · up to date");
            streams.store("page.x", 6, 8);
            assertThat(page.locator("#position"))
                    .hasText(Pattern.compile("^at 3 of 7 in PAGE · [0-9]+ (s|min) behind$"));
            page.evaluate("held.splice(0).forEach(come => come())");

            assertThat(page.locator("#position")).hasText("at 7 of 7 in PAGE · up to date");
            page.evaluate("window.held = undefined");
            remove(streams);
        }
    }

    /** Messages that come wait in {@code window.held} once that is a list. */
    private void holdMessagesOnRequest() {
        page.addInitScript("""
                const listen = EventSource.prototype.addEventListener
                EventSource.prototype.addEventListener = function (type, act) {
                  listen.call(this, type, event => type === 'message' && window.held ? held.push(() => act(event)) : act(event))
                }""");
    }

    @Test
    void drawsTheLineOfZeroWithoutMessages() throws IOException {
        open("?subject=page.none");
        page.waitForSelector("#rate-plot canvas");

        BufferedImage plot =
                ImageIO.read(new ByteArrayInputStream(page.locator("#rate-plot").screenshot()));

        int[] reds = IntStream.range(0, plot.getHeight())
                .map(y -> new Color(plot.getRGB(plot.getWidth() / 2, y)).getRed())
                .toArray();
        int empty = reds[reds.length / 2];
        assertThat(IntStream.of(reds).skip(reds.length - 3).min().getAsInt()).isLessThan(empty - 80);
    }

    /** A rate of none is a line at the bottom. */
    @Test
    void plotsTheMessagesPerSecond() {
        open("?subject=page.>");
        page.waitForSelector("#rate-plot canvas");
        String drawn = """
                () => {
                  const canvas = document.querySelector('#rate-plot canvas')
                  const [width, height] = [canvas.width, Math.floor(canvas.height / 2)]
                  const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
                  copy.drawImage(canvas, 0, 0)
                  return copy.getImageData(0, 0, width, height).data.some(Boolean)
                }""";
        assertThat(page.evaluate(drawn)).isEqualTo(false);

        IntStream.range(0, 3).forEach(i -> publish("page.x", "message " + i));

        await().until(() -> (boolean) page.evaluate(drawn));
    }

    @Test
    void doesNotGuessHowFarItIsBehindIfFiltersRejectMessages() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 50);
            open("?subject=page.>&from=all&match=message+1$");
            assertThat(page.locator(ROWS)).hasCount(1);

            assertThat(page.locator("#position")).hasText("at 1 of 50 in PAGE");
            remove(streams);
        }
    }

    @Test
    void knowsWhatAPatternCovers() {
        open("?subject=page.none");

        Object covered = page.evaluate("""
                async () => {
                  const { covers } = await import('/console/head.js')
                  return [['a.>', 'a.b.c'], ['a.*', 'a.b'], ['a.b', 'a.b'], ['>', 'a.>'], ['a.>', 'a'], ['a.*', 'a.>'],
                    ['a.b', 'a.*'], ['a.*', 'a.b.c']].map(pair => covers(...pair)).join()
                }""");

        assertThat(covered).isEqualTo("true,true,true,true,false,false,false,false");
    }

    @Test
    void showsFieldsOfJsonAsColumns() {
        open("?subject=page.>");
        page.locator("#more summary").click();
        page.locator("#column").fill("order.id paid");
        page.locator("button.main").first().click();
        assertThat(page).hasURL(root + "?subject=page.%3E&column=order.id&column=paid");
        assertConnected();
        publish("page.x", "{\"order\":{\"id\":4711},\"paid\":true}");
        publish("page.x", "no JSON");

        assertThat(page.locator("#columns span"))
                .hasText(new String[] {"Time", "Subject", "order.id", "paid", "Payload"});
        assertThat(page.locator(ROWS).first().locator(".cell")).hasText(new String[] {"4711", "true"});
        assertThat(page.locator(ROWS).last().locator(".cell")).hasText(new String[] {"", ""});
    }

    @Test
    void showsAFieldThatWasClickedAsAColumn() {
        open("?subject=page.>");
        publish("page.x", "{\"order\":{\"id\":7},\"a b\":1}");
        page.locator(ROWS).click();
        page.locator("#detail .json-key").getByText("\"id\"").click();

        assertThat(page).hasURL(root + "?subject=page.%3E&column=order.id");
        assertThat(page.locator(ROWS + " .cell")).hasText("7");
        page.locator("#detail .json-key").getByText("\"a b\"").click();
        page.locator("#detail .json-key").getByText("\"id\"").click();
        assertThat(page).hasURL(root + "?subject=page.%3E");
    }

    @Test
    void remembersAViewByAName() {
        open("?subject=page.>&contains=paid");
        page.locator("#named summary").click();
        page.locator("#named > div > button").click();
        page.locator("dialog [name=name]").fill("paid orders");
        page.keyboard().press("Enter");
        assertThat(page.locator("#named li a")).hasText("paid orders");

        open("?subject=page.none");
        page.locator("#named summary").click();
        page.locator("#named li a").click();

        assertThat(page).hasURL(root + "?subject=page.%3E&contains=paid");
        assertThat(page.locator("#contains")).hasValue("paid");
        page.getByLabel("Forget paid orders").click();
        assertThat(page.locator("#named li")).hasCount(0);
    }

    @Test
    void remembersTheLastSearches() {
        open("");
        for (String subject : List.of("page.a", "page.b")) {
            page.locator("#subject").fill(subject);
            page.locator("button.main").first().click();
            assertThat(page).hasURL(root + "?subject=" + subject);
        }
        open("");
        page.locator("#named summary").click();
        assertThat(page.locator("#named .recent a")).hasText(new String[] {"subject=page.b", "subject=page.a"});

        page.locator("#named .recent a").last().click();

        assertThat(page).hasURL(root + "?subject=page.a");
    }

    /** As large as the server takes one by default. */
    @Test
    void showsAMessageOfOneMebibyteInOneLine() throws Exception {
        open("?subject=page.>");
        try (Connection connection = TestConnections.open(Options.builder().server(server.url()))) {
            connection.publish("page.big", ("x".repeat((1 << 20) - 3) + "END").getBytes(UTF_8));
            connection.flush(Timeouts.LIMIT);
        }
        assertThat(row("page.big")).containsText("… cut");

        row("page.big").click();
        assertThat(page.locator("#detail .facts")).containsText("1,048,576 bytes");
        assertThat(page.locator("#detail .payload").textContent()).hasSizeLessThan(66_000);
        tab.press("Show all 1,048,576 characters");
        assertThat(page.locator("#detail .payload")).containsText("END");
    }

    @Test
    void showsTheBeginningOfALongFieldFirst() {
        open("?subject=page.>");
        publish("page.big", "{\"long\":\"" + "x".repeat(100_000) + "END\"}");
        row("page.big").click();
        assertThat(page.locator("#detail .json-string").textContent()).hasSizeLessThan(5_000);

        tab.press("Show all 100,005 characters");

        assertThat(page.locator("#detail .json-string")).containsText("END");
    }

    @Test
    void tellsAPositionThatCoreHasNotAtItsField() {
        open("");
        page.navigate(root + "?subject=page.none&tail=5");

        assertThat(page.locator("#begin")).hasAttribute("aria-invalid", "true");
        assertThat(page.locator("#refusal")).containsText("No single stream stores page.none");
        tab.expectComplaint("400");
    }

    @Test
    void saysThatLiveMessagesMayBeMissingAfterAnOutage() {
        page.clock().install();
        open("?subject=page.>");
        publish("page.x", "before");
        assertThat(page.locator(ROWS)).hasCount(1);
        tab.expectComplaint("503"); // a reading while NATS is away

        server.kill();
        assertThat(page.locator("#state")).hasText("reconnecting");
        page.clock().fastForward(700);
        server.start();

        assertThat(page.locator(ROWS + ".notice")).containsText("Not connected for");
        assertThat(page.locator("#counts")).containsText("1 gap");
        await().until(() -> given().get("/q/health/ready").statusCode() == 200);
    }

    @Test
    void saysThatLiveMessagesMayBeMissingAfterASleep() {
        page.clock().install();
        open("?subject=page.>");
        publish("page.x", "before");
        assertThat(page.locator(ROWS)).hasCount(1);

        page.clock().fastForward(600_000);

        assertThat(page.locator(ROWS + ".notice")).containsText("Not connected for 10 minutes");
        assertConnected();
    }

    @Test
    void loadsWhatWasStoredDuringASleep() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 5);
            page.clock().install();
            open("?subject=page.>&from=all");
            assertThat(page.locator(ROWS)).hasCount(5);
            tab.expectComplaint("ERR_INTERNET_DISCONNECTED");
            tab.context().setOffline(true);
            streams.store("page.x", "meanwhile");
            tab.context().setOffline(false);

            page.clock().fastForward(600_000);

            assertThat(page.locator(ROWS)).hasCount(6);
            assertThat(page.locator("#events")).containsText("meanwhile");
            remove(streams);
        }
    }

    @Test
    void showsMessagesOfALevelAndWorse() {
        open("?subject=page.>");
        page.locator("#level").selectOption("warn");
        page.locator("button.main").first().click();
        assertThat(page).hasURL(root + "?subject=page.%3E&level=warn");
        assertConnected();

        publish("page.info", "not this");
        publish("page.x", "{\"level\":\"debug\",\"text\":\"nor this\"}");
        publish("page.error", "a failure");
        publish("page.x", "{\"severity\":\"WARNING\",\"text\":\"a retry\"}");

        assertThat(page.locator(ROWS))
                .hasText(new Pattern[] {Pattern.compile("a failure$"), Pattern.compile("a retry")});
    }

    @Test
    void showsTheMessagesAroundOne() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 100);
            open("?subject=page.>&from=all&match=message+60$");
            page.locator(ROWS).click();

            tab.press("Show around it");

            assertThat(page).hasURL(root + "?subject=page.%3E&from=seq%3A35#60");
            assertThat(page.locator("#events [aria-selected=true]")).containsText("message 60");
            assertThat(page.locator("#events")).containsText("message 59");
            assertThat(page.locator("#events")).containsText("message 61");
            assertThat(page.locator("#detail .payload")).hasText("message 60");
            remove(streams);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ArrowUp k k, message 8",
        "ArrowUp ArrowUp ArrowUp j, message 9",
        "ArrowUp ArrowUp ArrowDown, message 10",
        "Home, message 1",
        "ArrowUp PageUp, message 1",
        "ArrowUp PageUp PageDown, message 10"
    })
    void movesTheSelectionByKeys(String keys, String selected) {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 10);
            open("?subject=page.>&from=all");
            assertThat(page.locator(ROWS)).hasCount(10);

            press(keys);

            assertThat(page.locator("#events [aria-selected=true]")).containsText(Pattern.compile(selected + "$"));
            remove(streams);
        }
    }

    /** Of more rows than are in view, which begin to be paused by the key. */
    @Test
    void selectsFromTheEndOfAListThatRan() {
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 100);
            open("?subject=page.>&from=all");
            assertThat(page.locator("#events")).containsText("message 100");
            press("Home End");
            assertThat(page.locator("#paused")).isHidden();

            press("ArrowUp");
            assertThat(page.locator("#events [aria-selected=true]")).containsText("message 100");
            assertThat(page.locator("#paused")).isVisible();
            press("ArrowUp");

            assertThat(page.locator("#events [aria-selected=true]")).containsText("message 99");
            remove(streams);
        }
    }

    @Test
    void selectsTheNextMessageThatIsNotHidden() {
        open("?subject=page.>");
        publish("page.a", "one");
        publish("page.b", "two");
        publish("page.a", "three");
        assertThat(page.locator(ROWS)).hasCount(3);

        press("Home h");

        assertThat(page.locator("#events [aria-selected=true]")).containsText("two");
    }

    @Test
    void solosTheSubjectOfTheSelectedMessageByAKey() {
        open("?subject=page.>");
        publish("page.a", "one");
        assertThat(page.locator(ROWS)).hasCount(1);

        press("ArrowUp s");

        assertThat(page).hasURL(root + "?subject=page.a");
    }

    @Test
    void hidesTheSubjectOfTheSelectedMessageByAKey() {
        open("?subject=page.>");
        publish("page.a", "one");
        assertThat(page.locator(ROWS)).hasCount(1);

        press("ArrowUp h");

        assertThat(page).hasURL(root + "?subject=page.%3E&hide=page.a");
        assertThat(page.locator(ROWS)).hasCount(0);
    }

    /** The lower case of the first letter has two characters. */
    @Test
    void marksWhatItFindsBehindALetterThatGrows() {
        open("?subject=page.>");
        publish("page.x", "\u0130stanbul has tea");

        press("f");
        page.keyboard().type("TEA");

        assertThat(page.locator("#events mark")).hasText("tea");
    }

    @Test
    void showsAPictureOfSeveralAsOne() {
        open("?subject=page.>");
        publish("page.x", "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67 a\u200Db");

        assertThat(page.locator("#events .unseen")).hasText("U+200D");
    }

    @Test
    void goesFromMatchToMatchByKeys() {
        open("?subject=page.>");
        List.of("red", "green", "red again").forEach(text -> publish("page.x", text));
        assertThat(page.locator(ROWS)).hasCount(3);
        press("f");
        assertThat(page.locator("#find input")).isFocused();
        page.keyboard().type("red");
        page.keyboard().press("Enter");
        assertThat(page.locator("#find output")).hasText("1 of 2");

        press("Escape n");
        assertThat(page.locator("#find output")).hasText("2 of 2");
        press("N");
        assertThat(page.locator("#find output")).hasText("1 of 2");
    }

    @Test
    void changesTheThemeAndGoesToTheSubjectsByKeys() {
        open("?subject=page.>");

        press("t");
        assertThat(page.locator("#theme")).hasText("Theme: light");
        press("/");
        assertThat(page.locator("#subject")).isFocused();
    }

    @Test
    void keepsKeysOfACharacterSwitchedOff() {
        open("?subject=page.>");
        press("?");
        page.locator("#use-keys").uncheck();
        press("Escape");
        page.reload();
        assertConnected();

        press("w Space t");

        assertThat(page.locator("#wrap")).hasAttribute("aria-pressed", "false");
        assertThat(page.locator("#theme")).hasText("Theme: auto");
        assertThat(page.locator("#paused")).isHidden();
    }

    private void press(String keys) {
        for (String key : keys.split(" ", -1)) {
            page.keyboard().press(key);
        }
    }

    /** Nothing is lost without a row that says so, and the page answers meanwhile. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&hide=page.load.1"})
    void staysResponsiveAtFiveThousandMessagesASecond(String view) throws Exception {
        open("?subject=page.>" + view);
        page.evaluate("""
                () => {
                  window.frames_drawn = 0
                  const frame = () => { window.frames_drawn++; requestAnimationFrame(frame) }
                  requestAnimationFrame(frame)
                }""");
        long begin = System.nanoTime();

        try (Connection connection = TestConnections.open(Options.builder().server(server.url()))) {
            for (int i = 0; i < 250; i++) {
                for (int j = 0; j < 100; j++) {
                    connection.publish("page.load." + j % 7, ("{\"n\":" + (i * 100 + j) + "}").getBytes(UTF_8));
                }
                connection.flush(Timeouts.LIMIT);
                LockSupport.parkNanos(begin + (i + 1) * 20_000_000L - System.nanoTime());
            }
        }
        int frames = (int) page.evaluate("window.frames_drawn");
        double seconds = (System.nanoTime() - begin) / 1e9;

        assertThat(page.locator("#counts")).hasText("25,000 messages · 0 dropped · 0 gaps");
        assertThat(frames / seconds).isGreaterThan(15);
    }

    @Test
    void remembersTheTheme() {
        open("");
        page.locator("#theme").click();
        page.locator("#theme").click();
        page.reload();

        assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
    }

    @ParameterizedTest
    @EnumSource(names = {"LIGHT", "DARK"})
    void isAccessible(ColorScheme scheme) {
        tab.close();
        use(scheme, 1280, 800);
        open("?subject=page.>");
        tab.violatesNothing();
        shot("empty", scheme);
        traffic();
        tab.violatesNothing();
        shot("tail", scheme);
        page.keyboard().press("ArrowUp");
        page.keyboard().press("Enter");
        tab.violatesNothing();
        shot("message", scheme);
        page.keyboard().press("?");
        assertThat(page.locator("#help")).isVisible();
        tab.violatesNothing();
    }

    @Test
    void closesADialogWithEscape() {
        open("?subject=page.>");
        page.keyboard().press("?");
        assertThat(page.locator("#help")).isVisible();

        page.keyboard().press("Escape");

        assertThat(page.locator("#help")).isHidden();
    }

    @Test
    void fitsAPhone() {
        tab.close();
        use(ColorScheme.LIGHT, 360, 720);
        open("?subject=page.>");
        traffic();

        shot("phone", ColorScheme.LIGHT);
        assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(360);
        page.locator(ROWS).first().click();
        assertThat(page.locator("#detail")).isVisible();
        shot("phone-message", ColorScheme.LIGHT);
        tab.violatesNothing();
        page.locator("#detail .close").click();
        page.locator("#resume").click();
        assertThat(page.locator("#paused")).isHidden();
    }

    /** A phone on its side, another one, and a small one. */
    @ParameterizedTest
    @CsvSource({"740, 360", "640, 360", "360, 640"})
    void givesHalfOfALowWindowToTheList(int width, int height) {
        tab.close();
        use(ColorScheme.LIGHT, width, height);
        try (TestStreams streams = new TestStreams(server)) {
            stored(streams, 300);
            open("?subject=page.>&tail=100");
            assertThat(page.locator("#older")).isVisible();
            assertThat(page.locator("#position")).containsText("in PAGE");
            press("Space");
            assertThat(page.locator("#paused")).isVisible();

            shot("low-" + width, ColorScheme.LIGHT);
            assertThat(page.locator("#events").boundingBox().height).isGreaterThanOrEqualTo(height / 2.0);
            assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(width);
            tab.violatesNothing();
            remove(streams);
        }
    }

    /** Whoever is signed in is told in the same line. */
    @Test
    void showsTheViewsToWhoeverIsSignedInOnASmallPhone() {
        tab.close();
        use(ColorScheme.LIGHT, 360, 640);
        open("?subject=page.>");

        page.evaluate("document.getElementById('session').textContent = 'ada.lovelace@example.org Sign out'");

        assertThat(page.locator("nav").boundingBox().width).isGreaterThan(300);
        shot("signed-in-360", ColorScheme.LIGHT);
    }

    @Test
    void hasItsFiltersInOnePlaceOnAPhone() {
        tab.close();
        use(ColorScheme.LIGHT, 360, 720);
        open("?subject=page.>");
        assertThat(page.locator("#contains")).isHidden();

        open("?subject=page.>&contains=tea");

        assertThat(page.locator("#contains")).hasValue("tea");
        assertThat(page.locator("#contains")).isVisible();
    }

    @Test
    void keepsTheFocusInAFilterWhenItsWindowBecomesSmall() {
        open("?subject=page.>");
        page.locator("#contains").pressSequentially("te");
        page.setViewportSize(360, 720);
        page.waitForFunction("matchMedia('(max-width: 40rem)').matches");
        page.keyboard().type("a");

        assertThat(page.locator("#contains")).hasValue("tea");
        page.locator("button.main").first().click();
        assertThat(page.locator("#more #contains")).hasValue("tea");
    }

    private void traffic() {
        publish(
                "page.orders.info",
                "{\"order\":4711,\"customer\":\"Ada\",\"total\":129.90,\"lines\":[{\"sku\":\"A-1\",\"n\":2}]}");
        publish("page.orders.info", "order 4712 accepted in 12 ms");
        publish("page.prices.debug", "EURUSD 1.0843");
        publish("page.billing.warn", "card provider answered after 2.4 s, 1 retry");
        publish("page.billing.error", "charge of order 4712 failed: connection reset by peer");
        publish("page.prices.debug", "EURUSD 1.0841");
        publish(
                "page.orders.info",
                "{\"order\":4713,\"customer\":\"Grace\",\"total\":18.50,\"paid\":true,\"note\":null}");
        assertThat(page.locator(ROWS)).hasCount(7);
    }

    private Locator row(String subject) {
        return page.locator(ROWS).filter(new Locator.FilterOptions().setHasText(subject));
    }

    private void shot(String name, ColorScheme scheme) {
        tab.shot(name + "-" + scheme.name().toLowerCase(Locale.ROOT));
    }

    private void use(ColorScheme scheme, int width, int height) {
        tab = browser.open(scheme, width, height);
        page = tab.page();
    }

    private void open(String query) {
        page.navigate(root + query);
        assertConnected();
    }

    /** What is published from now on comes. */
    private void assertConnected() {
        assertThat(page.locator("#state")).hasText("connected");
    }

    private static void stored(TestStreams streams, int count) {
        streams.create("PAGE", "page.>");
        for (int i = 1; i <= count; i++) {
            streams.store("page.x", "message " + i);
        }
    }

    /** Leaves the page first: it would report that its stream is gone. */
    private void remove(TestStreams streams) {
        page.navigate("about:blank");
        streams.delete("PAGE");
    }

    private static void publish(String subject, String text) {
        given().contentType("text/plain; charset=UTF-8")
                .body(text)
                .post("/v1/publish/" + subject + "?ack=none")
                .then()
                .statusCode(202);
    }
}
