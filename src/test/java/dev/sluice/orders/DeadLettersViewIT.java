package dev.sluice.orders;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Tab;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a person sees of dead letters and does to them, in a real browser. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class DeadLettersViewIT {
    @RegisterExtension
    static final BrowserExtension browser = BrowserExtension.withTab();

    @TestHTTPResource("/")
    URL root;

    private Tab tab;
    private Page page;

    @BeforeEach
    void showDeadLetters() {
        given().contentType("text/plain")
                .body("not an order")
                .post("/v1/publish/orders.created")
                .then()
                .statusCode(201);
        page.navigate(root + "?view=dead-letters");
        page.waitForCondition(() -> {
            page.reload();
            assertThat(page.locator("#page .loading")).hasCount(0);
            return page.locator("tbody tr").count() > 0;
        });
    }

    @Test
    void showsTheReasonAndThePayload() {
        assertThat(page.locator("tbody tr").first()).containsText("This is not JSON");
        page.locator("tbody tr").first().locator("a").click();

        assertThat(page.locator(".reason")).hasText("This is not JSON");
        assertThat(page.locator(".payload")).hasText("not an order");
        tab.violatesNothing();
    }

    @Test
    void listsTheLettersOfAStreamTheNewestFirst() {
        page.locator("#page [name=stream]").fill("ORDERS");
        page.keyboard().press("Enter");

        assertThat(page).hasURL(root + "?view=dead-letters&stream=ORDERS");
        assertThat(page.locator("tbody tr").first()).containsText("This is not JSON");
        page.locator("#page [name=stream]").fill("OTHER");
        page.keyboard().press("Enter");
        assertThat(page.locator(".none")).hasText("No such dead letters.");
    }

    @Test
    void saysThatThereNeverWasALetter() {
        page.route(
                "**/v1/streams/DEAD_LETTERS",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("{\"state\":{\"first_seq\":0,\"last_seq\":0,\"messages\":0}}")));
        page.reload();

        assertThat(page.locator(".none")).containsText("No dead letters.");
    }

    @Test
    void readsTheLettersAgainOnlyIfTheyChanged() {
        List<String> looks = new CopyOnWriteArrayList<>();
        List<String> readings = new CopyOnWriteArrayList<>();
        page.onRequest(request -> {
            if (request.url().contains("/v1/dead-letters?")) {
                readings.add(request.url());
            } else if (request.url().endsWith("/v1/streams/DEAD_LETTERS")) {
                looks.add(request.url());
            }
        });
        page.reload();

        page.waitForCondition(() -> looks.size() >= 3);

        Assertions.assertThat(readings).hasSize(1);
    }

    @Test
    void publishesALetterAgainAndKeepsIt() {
        String seq = page.locator("tbody tr").first().locator("a").textContent();
        page.locator("tbody tr").first().locator("a").click();
        tab.press("Redrive");

        assertThat(page.locator("#page .told")).containsText("Published again as ORDERS");
        assertThat(page.locator("#page .told")).containsText("The dead letter is still here");
        given().get("/v1/dead-letters/" + seq).then().statusCode(200);
    }

    @Test
    void publishesALetterOnceUntilItIsAnswered() {
        List<Route> held = new CopyOnWriteArrayList<>();
        page.route("**/redrive", held::add);
        page.locator("tbody tr").first().locator("a").click();
        tab.press("Redrive");
        Locator redrive = page.locator("#page button").getByText("Redrive");
        assertThat(redrive).isDisabled();

        page.waitForCondition(() -> held.size() == 1);
        held.get(0).resume();

        assertThat(redrive).isEnabled();
        assertThat(redrive).isFocused();
    }

    @Test
    void offersALetterToBeChanged() {
        page.locator("tbody tr").first().locator("a").click();
        tab.press("Change and publish …");

        assertThat(page.locator("#page [name=subject]")).hasValue("orders.created");
        assertThat(page.locator("#page [name=body]")).hasValue("not an order");
        assertThat(page.locator("#page [name=headers]")).hasValue(Pattern.compile("Content-Type: text/plain.*"));
    }

    @Test
    void asksBeforeItDeletesALetter() {
        String seq = page.locator("tbody tr").first().locator("a").textContent();
        page.locator("tbody tr").first().locator("a").click();
        tab.press("Delete …");
        assertThat(page.locator("dialog.ask")).containsText("It is not published again.");
        assertThat(page.locator("dialog .danger")).isDisabled();
        page.locator("dialog [name=typed]").fill(seq);
        page.locator("dialog .danger").click();

        assertThat(page).hasURL(root + "?view=dead-letters");
        given().get("/v1/dead-letters/" + seq).then().statusCode(404);
    }
}
