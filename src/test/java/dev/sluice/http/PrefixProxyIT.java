package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.PrefixProxy;
import dev.sluice.support.Tab;
import dev.sluice.support.TestStreams;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page behind a proxy that removes a prefix from the path, as DEPLOY.md tells to configure it. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@TestProfile(PrefixProxyIT.BehindAProxy.class)
@Tag("slow")
class PrefixProxyIT {
    private static final String ROWS = "#events [role=option]";

    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @TestHTTPResource("/")
    URL origin;

    @NatsServerResource.Server
    NatsServer server;

    private PrefixProxy proxy;
    private TestStreams streams;
    private URI root;
    private Tab tab;
    private Page page;

    @BeforeEach
    void open() {
        proxy = new PrefixProxy("/tools/sluice", origin.getPort());
        root = proxy.root();
        streams = new TestStreams(server);
        streams.create("PROXIED", "proxied.>");
        streams.store("proxied.x", "first");
        tab = browser.open();
        tab.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        page = tab.page();
    }

    /** Leaves the page first: it would report that its stream is gone. */
    @AfterEach
    void close() {
        page.navigate("about:blank");
        streams.delete("PROXIED");
        streams.close();
        proxy.close();
    }

    @Test
    void tails() {
        page.navigate(root + "?subject=proxied.>&from=all");
        assertThat(page.locator(ROWS)).hasCount(1);

        streams.store("proxied.x", "second");

        assertThat(page.locator("#events")).containsText("second");
        assertThat(page.locator("#state")).hasText("connected");
    }

    @Test
    void showsItsViews() {
        page.navigate(root.toString());

        page.locator("nav").getByText("Streams").click();
        page.locator("tbody a")
                .getByText("PROXIED", new Locator.GetByTextOptions().setExact(true))
                .click();

        assertThat(page).hasURL(root + "?view=streams&stream=PROXIED");
        assertThat(page.locator("#page h2")).hasText("Streams / PROXIED");
    }

    @Test
    void linksToAMessageAtTheAddressOfTheProxy() {
        openMessage();

        String link = copied("Copy link");
        assertThat(link).isEqualTo(root + "?subject=proxied.%3E&from=seq%3A1#1");

        page.navigate("about:blank");
        page.navigate(link);
        assertThat(page.locator("#detail .payload")).containsText("first");
    }

    @Test
    void copiesACommandThatPublishesThroughTheProxy() throws Exception {
        openMessage();

        String command = copied("Copy curl");
        assertThat(command).endsWith(" '" + root + "v1/publish/proxied.x'");

        run(command);
        assertThat(page.locator("#waiting")).hasText("paused, 1 new");
    }

    private void openMessage() {
        page.navigate(root + "?subject=proxied.>&from=all");
        page.locator(ROWS).click();
        assertThat(page.locator("#detail .payload")).containsText("first");
    }

    private String copied(String name) {
        tab.press(name);
        assertThat(page.locator("#detail .actions")).containsText("Copied");
        return (String) page.evaluate("navigator.clipboard.readText()");
    }

    private static void run(String command) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "needs curl");
        Process shell = new ProcessBuilder("sh", "-c", command.replaceFirst("^curl", "curl -sS --fail"))
                .redirectErrorStream(true)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), UTF_8);
        assertThat(shell.waitFor()).as(output).isZero();
    }

    /** The settings of DEPLOY.md. */
    public static final class BehindAProxy implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "quarkus.http.proxy.proxy-address-forwarding", "true",
                    "quarkus.http.proxy.allow-x-forwarded", "true",
                    "quarkus.http.proxy.enable-forwarded-prefix", "true",
                    "quarkus.http.proxy.trusted-proxies", "127.0.0.1");
        }
    }
}
