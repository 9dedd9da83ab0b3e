package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
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
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the page does under many messages: 5,000 a second for a minute, and a million of history. Logs what it measures. */
@Tag("reliability")
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ConsoleLoadIT {
    private static final Logger LOG = Logger.getLogger(ConsoleLoadIT.class);
    private static final int PER_SECOND = 5_000;
    private static final int BATCHES = 50; // per second
    private static final int HISTORY = 1_000_000;
    private static final int AT_ONCE = 5_000;
    private static final Duration FULL = Duration.ofSeconds(20); // the page then holds as many messages as it may
    private static final Duration LONG = Duration.ofSeconds(60);

    /** Counts frames of each second, and remembers the longest time from a click to the frame that shows its effect. */
    private static final String MEASURE = """
            () => {
              window.measured = { seconds: [], begin: performance.now(), slowest: 0 }
              const frame = () => {
                const second = Math.floor((performance.now() - measured.begin) / 1000)
                while (measured.seconds.length <= second) measured.seconds.push(0)
                measured.seconds[second]++
                requestAnimationFrame(frame)
              }
              requestAnimationFrame(frame)
              new PerformanceObserver(list => {
                for (const entry of list.getEntries()) {
                  if (entry.name === 'click') measured.slowest = Math.max(measured.slowest, entry.duration)
                }
              }).observe({ type: 'event', durationThreshold: 16 })
            }""";

    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    private final ScheduledExecutorService load = Executors.newSingleThreadScheduledExecutor();
    private TestStreams streams;
    private Tab tab;
    private Page page;
    private long sent; // read once the load has ended

    @BeforeEach
    void open() {
        streams = new TestStreams(server);
        tab = browser.open();
        page = tab.page();
    }

    @AfterEach
    void close() {
        page.navigate("about:blank");
        load.shutdownNow();
        streams.delete("MANY");
        streams.close();
    }

    /** The second view hides half of the messages. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&hide=load.0"})
    void staysSmoothAtFiveThousandMessagesASecond(String view) throws Exception {
        page.navigate(root + "?subject=load.>" + view);
        assertThat(page.locator("#state")).hasText("connected");
        load.scheduleAtFixedRate(this::publish, 0, 1_000 / BATCHES, TimeUnit.MILLISECONDS);
        long begin = System.nanoTime();
        page.waitForTimeout((double) FULL.toMillis());
        double full = heap();
        page.locator("#find input").fill("number");
        page.evaluate(MEASURE);
        Map<String, Double> clicks = new LinkedHashMap<>();
        while (System.nanoTime() - begin < LONG.toNanos()) {
            clicks(clicks);
        }
        double frames = number("measured.seconds.reduce((sum, count) => sum + count, 0) * 1000"
                + " / (performance.now() - measured.begin)");
        double least = number("Math.min(...measured.seconds.slice(0, -1))");
        double end = heap();
        load.shutdown();
        assertThat(load.awaitTermination(10, TimeUnit.SECONDS)).isTrue();

        LOG.infof(
                "%,d messages, %.0f frames/s, at least %.0f in a second, slowest clicks %s ms,"
                        + " heap %.1f MiB after %d s and %.1f MiB after %d s",
                sent, frames, least, clicks, full / 1048576, FULL.toSeconds(), end / 1048576, LONG.toSeconds());
        assertThat(page.locator("#counts"))
                .hasText(String.format(Locale.ROOT, "%,d messages · 0 dropped · 0 gaps", sent));
        assertThat(frames).isGreaterThanOrEqualTo(30);
        assertThat(clicks).allSatisfy((name, slowest) -> assertThat(slowest).isLessThanOrEqualTo(100));
        assertThat(end).isLessThan(1.25 * full);
    }

    /** What a person does with a tail, once a second; puts the longest time of each click. */
    private void clicks(Map<String, Double> slowest) {
        timed(slowest, "Theme", () -> page.locator("#theme").click());
        timed(slowest, "a row", this::clickARow);
        timed(slowest, "Hide", () -> tab.press("Hide this subject"));
        timed(slowest, "hidden", () -> page.locator("#hidden .chip").last().click());
        timed(slowest, "Next match", () -> page.locator("#find .next").click());
        timed(slowest, "Close", () -> page.locator("#detail .close").click());
        timed(slowest, "Resume", () -> page.locator("#pause").click());
        timed(slowest, "Pause", () -> page.locator("#pause").click());
        timed(slowest, "Resume", () -> page.locator("#pause").click());
    }

    /** The row that is there at this moment: none stays. */
    private void clickARow() {
        BoundingBox list = page.locator("#events").boundingBox();
        page.mouse().click(list.x + list.width / 2, list.y + list.height / 2);
        assertThat(page.locator("#detail")).isVisible();
    }

    private void timed(Map<String, Double> slowest, String name, Runnable click) {
        page.evaluate("measured.slowest = 0");
        click.run();
        page.waitForTimeout(1_000);
        slowest.merge(name, number("measured.slowest"), Math::max);
    }

    @Test
    void showsTheFirstScreenOfAMillionMessagesWithinASecond() {
        streams.create("MANY", "many.>");
        for (int stored = 0; stored < HISTORY; stored += AT_ONCE) {
            store(stored);
        }
        page.addInitScript("""
                new MutationObserver((changes, observer) => {
                  if (!document.querySelector('#events [role=option]')) return
                  observer.disconnect()
                  window.first = performance.now()
                }).observe(document, { childList: true, subtree: true })""");

        // The service has served the page before, as one that runs for a while has.
        page.navigate(root + "?subject=many.>&tail=1");
        assertThat(page.locator("#events [role=option]").first()).isVisible();
        for (String begin : new String[] {"tail=1000", "from=all"}) {
            page.navigate(root + "?subject=many.>&" + begin);
            assertThat(page.locator("#events [role=option]").first()).isVisible();
            double first = number("window.first");
            LOG.infof("%s of %,d messages: first row after %.0f ms", begin, HISTORY, first);
            assertThat(first).as(begin).isLessThan(1_000);
            page.navigate("about:blank");
        }
    }

    /** Stores some messages and waits for them: the server drops what exceeds its queue for a stream. */
    private void store(int from) {
        for (int i = from; i < from + AT_ONCE; i++) {
            streams.storeSoon("many.x", "{\"number\":" + i + "}");
        }
        await().pollInterval(Duration.ofMillis(2)).until(() -> streams.last("MANY") == from + AT_ONCE);
    }

    private void publish() {
        sent += PER_SECOND / BATCHES;
        for (int i = 0; i < PER_SECOND / BATCHES; i++) {
            streams.storeSoon(
                    "load." + i % 2, "{\"number\":" + i + ",\"text\":\"a line of a log as long as they are\"}");
        }
    }

    private double heap() {
        CDPSession session = page.context().newCDPSession(page);
        session.send("HeapProfiler.collectGarbage");
        double used = session.send("Runtime.getHeapUsage").get("usedSize").getAsDouble();
        session.detach();
        return used;
    }

    private double number(String expression) {
        return ((Number) page.evaluate(expression)).doubleValue();
    }
}
