package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a phone on a mobile network loads until it shows the first message, at first and again. The time depends on the
 * machine, so it is only logged.
 */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class PhoneIT {
    private static final Logger LOG = Logger.getLogger(PhoneIT.class);
    private static final int LATENCY_MILLIS = 150;
    private static final int BYTES_PER_SECOND = 1_600_000 / 8;
    private static final int SLOWER = 4; // than the processor of this machine
    private static final int REQUESTS = 64;
    private static final long BYTES = 170_000;
    private static final long BYTES_AGAIN = 20_000; // an answer 304 has only headers

    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private TestStreams streams;
    private Page page;

    @BeforeEach
    void open() {
        streams = new TestStreams(server);
        streams.create("PHONE", "phone.>");
        streams.store("phone.x", 1, 100);
        Tab tab = browser.open(ColorScheme.LIGHT, 360, 740);
        page = tab.page();
        CDPSession phone = tab.context().newCDPSession(page);
        phone.on("Network.requestWillBeSent", event -> requests.incrementAndGet());
        phone.on(
                "Network.loadingFinished",
                event -> bytes.addAndGet(event.get("encodedDataLength").getAsLong()));
        phone.send("Network.enable");
        JsonObject network = new JsonObject();
        network.addProperty("offline", false);
        network.addProperty("latency", LATENCY_MILLIS);
        network.addProperty("downloadThroughput", BYTES_PER_SECOND);
        network.addProperty("uploadThroughput", BYTES_PER_SECOND);
        phone.send("Network.emulateNetworkConditions", network);
        JsonObject processor = new JsonObject();
        processor.addProperty("rate", SLOWER);
        phone.send("Emulation.setCPUThrottlingRate", processor);
        page.addInitScript("""
                new MutationObserver((changes, observer) => {
                  if (!document.querySelector('#events [role=option]')) return
                  observer.disconnect()
                  window.first = performance.now()
                }).observe(document, { childList: true, subtree: true })""");
    }

    @AfterEach
    void close() {
        page.navigate("about:blank");
        streams.delete("PHONE");
        streams.close();
    }

    @Test
    void loadsLittleBeforeTheFirstMessage() {
        load("cold");
        assertThat(requests.get()).isLessThanOrEqualTo(REQUESTS);
        assertThat(bytes.get()).isLessThanOrEqualTo(BYTES);

        page.navigate("about:blank");
        load("warm");
        assertThat(requests.get()).isLessThanOrEqualTo(REQUESTS);
        assertThat(bytes.get()).isLessThanOrEqualTo(BYTES_AGAIN);
    }

    private void load(String cache) {
        requests.set(0);
        bytes.set(0);
        page.navigate(root + "?subject=phone.>&from=all");
        assertThat(page.locator("#events [role=option]").first()).isVisible();
        LOG.infof(
                "With a %s cache: first message after %.0f ms, %d requests, %d bytes",
                cache, ((Number) page.evaluate("window.first")).doubleValue(), requests.get(), bytes.get());
    }
}
