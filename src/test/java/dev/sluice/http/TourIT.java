package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;

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
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A tour of the page that takes the pictures of the documentation. They are in {@code target/screenshots}. To take those of
 * {@code docs} again: {@code ./mvnw -Dquick test -Dtest=TourIT -Dsurefire.failIfNoSpecifiedTests=false -Ddocs=write}.
 */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class TourIT {
    private static final Path PICTURES =
            Path.of(System.getProperty("docs", "").equals("write") ? "docs" : "target/screenshots");
    private static final int READINGS = 150;
    private static final List<String> CUSTOMERS = List.of("Ada", "Grace", "Edsger", "Barbara", "Alan");
    private static final int READING_MS = 2_000;

    @RegisterExtension
    static final BrowserExtension browser = new BrowserExtension();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    @Test
    void showsTheTailStreamsAndABucket() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("SHOP", "shop.>");
            streams.create("SENSORS", "sensors.*.temperature");
            consumers();
            try (Tab tab = browser.open(ColorScheme.LIGHT, 1280, 800)) {
                streams(tab.page(), streams);
                picture(tab.page(), "streams");
            }
            bucket();
            try (Tab tab = browser.open(ColorScheme.DARK, 1280, 800)) {
                bucket(tab.page());
                picture(tab.page(), "bucket");
            }
            try (Tab tab = browser.open(ColorScheme.LIGHT, 1280, 800)) {
                tail(tab.page());
                picture(tab.page(), "page");
            }
            given().delete("/v1/buckets/menu");
            streams.delete("SHOP");
            streams.delete("SENSORS");
        }
    }

    /** The clock of the page is ahead of the time, so that minutes of readings take seconds. */
    private void streams(Page page, TestStreams streams) {
        page.clock().install();
        page.navigate(root + "?view=streams");
        assertThat(page.locator("tbody")).containsText("SENSORS");
        for (int i = 0; i < READINGS; i++) {
            int orders = (int) Math.round(6 + 5 * Math.sin(i / 7.0)) + i % 3;
            for (int j = 0; j < orders; j++) {
                streams.storeSoon("shop.orders.paid", order(5 * i + j));
            }
            for (int j = 0; j < 3 + i % 2; j++) {
                streams.storeSoon("sensors.hall-" + j + ".temperature", "{\"celsius\":2" + j + "." + i % 10 + "}");
            }
            page.waitForResponse(response -> response.url().endsWith("/v1/streams"), () -> page.clock()
                    .runFor(READING_MS));
        }
    }

    private void bucket(Page page) {
        page.navigate(root + "?view=buckets&bucket=menu&key=tea/green");
        assertThat(page.locator(".history .diff")).isVisible();
    }

    private void tail(Page page) {
        page.navigate(root + "?subject=shop.>&tail=200");
        assertThat(page.locator("#position")).containsText("up to date");
        publish("shop.billing.warn", "card provider answered after 2.4 s, 1 retry");
        publish("shop.billing.error", "charge of order 4712 failed: connection reset by peer");
        for (int i = 0; i < 9; i++) {
            publish("shop.orders.paid", order(2_000 + 7 * i));
        }
        assertThat(page.locator("#events")).containsText("6656");
        assertThat(page.locator("#position")).containsText("up to date");
        page.keyboard().press("ArrowUp");
        page.keyboard().press("ArrowUp");
        page.keyboard().press("Enter");
        assertThat(page.locator("#detail .json-key").first()).isVisible();
        assertThat(page.locator("#waiting")).hasText("paused, 0 new");
        publish("shop.orders.paid", order(2_100));
        assertThat(page.locator("#waiting")).hasText("paused, 1 new");
    }

    private static void picture(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")));
    }

    private static void consumers() {
        for (String name : List.of("billing", "mail")) {
            given().contentType("application/json")
                    .body("{}")
                    .put("/v1/streams/SHOP/consumers/" + name)
                    .then()
                    .statusCode(201);
        }
    }

    private static void bucket() {
        given().contentType("application/json").body("{\"history\":10}").put("/v1/buckets/menu");
        for (String key : List.of("coffee/espresso", "coffee/filter", "juice/apple", "tea/black", "tea/green")) {
            given().contentType("application/json")
                    .body("{\"name\":\"Sencha\",\"price\":4999,\"tags\":[\"green\"],\"stock\":12}")
                    .put("/v1/buckets/menu/keys/" + key);
        }
        given().contentType("application/json")
                .body("{\"name\":\"Sencha\",\"price\":5499,\"tags\":[\"green\",\"japan\"],\"stock\":12}")
                .put("/v1/buckets/menu/keys/tea/green");
    }

    private static String order(int number) {
        return "{\"order\":" + (4_600 + number) + ",\"customer\":\"" + CUSTOMERS.get(number % 5) + "\",\"total\":"
                + (number % 90 + 9) + ".50,\"paid\":true,\"lines\":[{\"sku\":\"A-1\",\"n\":2}]}";
    }

    private static void publish(String subject, String text) {
        given().contentType("text/plain; charset=UTF-8").body(text).post("/v1/publish/" + subject);
    }
}
