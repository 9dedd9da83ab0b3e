package dev.sluice.deploy;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The page of a production build. What it logs to the console of the browser fails the test. */
@Tag("slow")
class ProductionConsoleIT {
    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @Test
    void showsEachViewWithoutAComplaint(@TempDir Path folder) {
        try (NatsServer nats = NatsServer.started();
                PackagedService service = PackagedService.ready(nats, folder)) {
            Page page = browser.open().page();
            page.navigate(service.uri("/").toString());
            assertThat(page.locator("#state")).hasText("connected");
            assertThat(page.locator("#empty span.demo")).isHidden();

            List<String> titles = List.of("Streams", "Buckets", "Object stores", "Dead letters", "Publish", "Health");
            for (int i = 0; i < titles.size(); i++) {
                page.keyboard().press(String.valueOf(i + 2));
                assertThat(page.locator("#page h2")).hasText(titles.get(i));
            }

            assertThat(page.locator("#page"))
                    .containsText("curl "
                            + service.management("/q/health/ready").toString().replace("127.0.0.1", "localhost"));
            page.navigate("about:blank");
        }
    }
}
