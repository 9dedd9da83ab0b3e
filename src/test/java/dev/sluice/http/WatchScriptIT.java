package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code /sluice-events.js} in a real browser: watches of buckets, and requests that it does not repeat. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class WatchScriptIT {
    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    private TestBucket bucket;
    private Page page;

    @BeforeEach
    void openTab() {
        bucket = new TestBucket(server);
        page = browser.context(new Browser.NewContextOptions()).newPage();
        page.navigate(root.toString());
        page.evaluate(
                "document.body.replaceChildren(Object.assign(document.createElement('output'), { id: 'shown' }))");
    }

    @AfterEach
    void closeTab() {
        page.navigate("about:blank");
        bucket.close();
    }

    @Test
    void showsTheEntriesOfABucketAndTheirChanges() {
        put("tea.green", "1");
        put("tea.black", "2");
        put("coffee", "3");

        watch(bucket.name, "{ key: 'tea.>' }");
        assertThat(page.locator("#shown")).hasText("tea.green=1 tea.black=2 current 3");

        put("tea.green", "4");
        assertThat(page.locator("#shown")).hasText("tea.green=4 tea.black=2 current 3");
        TestBucket.call(() -> {
            bucket.twin.delete("tea.black");
            return null;
        });
        assertThat(page.locator("#shown")).hasText("tea.green=4 current 3");
    }

    @Test
    void forgetsWhatWasPurged() {
        put("a", "1");
        watch(bucket.name, "{}");
        assertThat(page.locator("#shown")).hasText("a=1 current 1");

        TestBucket.call(() -> bucket.nats.jetStreamManagement().purgeStream("KV_" + bucket.name));

        assertThat(page.locator("#shown")).hasText("current 1");
    }

    @Test
    void doesNotRepeatARequestForABucketThatDoesNotExist() {
        watch("none", "{}");

        assertThat(page.locator("#shown")).hasText("refused /problems/no-bucket");
    }

    @Test
    void doesNotRepeatARequestForAStreamThatDoesNotExist() {
        page.evaluate("""
                async () => {
                  const { tail } = await import('/sluice-events.js')
                  tail({ subject: 'nobody.stores.this', source: 'stream' }, {
                    refused: problem => { document.getElementById('shown').textContent = problem.type },
                  })
                }""");

        assertThat(page.locator("#shown")).hasText("/problems/no-stream");
    }

    private void put(String key, String value) {
        TestBucket.call(() -> bucket.twin.put(key, value));
    }

    /** Watches the bucket and shows the entries, the revision at which they were current, and a refusal. */
    private void watch(String name, String query) {
        page.evaluate("""
                async () => {
                  const { watch } = await import('/sluice-events.js')
                  let end = ''
                  const show = () => {
                    const entries = [...live.entries.values()].map(entry => entry.key + '=' + entry.value)
                    document.getElementById('shown').textContent = [...entries, end].join(' ').trim()
                  }
                  const live = watch('%s', %s, {
                    change: show,
                    gap: show,
                    current: revision => { end = 'current ' + revision; show() },
                    refused: problem => { end = 'refused ' + problem.type; show() },
                  })
                }""".formatted(name, query));
    }
}
