package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import dev.sluice.support.Chromium;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page at {@code /} in a real browser. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class TailPageIT {
    private static Chromium chromium;

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    private Page page;

    @BeforeAll
    static void launch() {
        chromium = Chromium.launch();
    }

    @AfterAll
    static void quit() {
        if (chromium != null) {
            chromium.close();
        }
    }

    @BeforeEach
    void openTab() {
        page = chromium.browser().newPage();
    }

    @AfterEach
    void closeTab() {
        page.close();
    }

    @Test
    void showsAMessageThatIsPublished() {
        open("");

        publish("logs.web.info", "hello, page");

        assertThat(page.locator("#events")).containsText("hello, page");
        assertThat(page.locator("#events")).containsText("logs.web.info");
    }

    @Test
    void showsTextAndNotMarkup() {
        open("");

        publish("logs.web.info", "<img src=x onerror=document.title='broken'>");

        assertThat(page.locator("#events")).containsText("<img src=x");
        assertThat(page).hasTitle("Sluice");
    }

    @Test
    void tailsTheSubjectsOfItsAddress() {
        open("?subject=page.a.>&subject=page.b");

        publish("logs.web.info", "not this");
        publish("page.a.x", "this");
        publish("page.b", "and this");

        assertThat(page.locator("#events li"))
                .hasText(new Pattern[] {Pattern.compile("this$"), Pattern.compile("and this$")});
    }

    @Test
    void saysThatNatsIsAwayAndGoesOn() {
        open("");

        server.kill();
        assertThat(page.locator("#state")).hasText("reconnecting");
        server.start();
        assertThat(page.locator("#state")).hasText("connected");

        await().until(() -> given().get("/q/health/ready").statusCode() == 200);
        publish("logs.web.info", "again");
        assertThat(page.locator("#events")).containsText("again");
    }

    @Test
    void holdsMessagesBackWhilePaused() {
        open("");
        page.locator("#pause").click();

        publish("logs.web.info", "held back");
        assertThat(page.locator("#counts")).containsText("1 waiting");
        assertThat(page.locator("#events")).not().containsText("held back");

        page.locator("#pause").click();
        assertThat(page.locator("#events")).containsText("held back");
    }

    private void open(String query) {
        page.navigate(root + query);
        assertThat(page.locator("#state")).hasText("connected");
    }

    private static void publish(String subject, String text) {
        given().contentType("text/plain")
                .body(text)
                .post("/v1/publish/" + subject + "?ack=none")
                .then()
                .statusCode(202);
    }
}
