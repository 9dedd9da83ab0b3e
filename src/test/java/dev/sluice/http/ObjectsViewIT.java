package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.FilePayload;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Tab;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a person sees of object stores and does to them, in a real browser. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class ObjectsViewIT {
    private static final String STORE = "/v1/object-stores/shown";
    private static final String OBJECTS = STORE + "/objects/";
    private static final byte[] PIXEL = Base64.getDecoder()
            .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    @RegisterExtension
    static final BrowserExtension browser = BrowserExtension.withTab();

    @TestHTTPResource("/")
    URL root;

    private Tab tab;
    private Page page;

    @BeforeEach
    void createStore() {
        given().contentType("application/json").body("{}").put(STORE).then().statusCode(201);
    }

    @AfterEach
    void leave() {
        page.navigate("about:blank");
        given().delete(STORE);
    }

    @Test
    void createsAStoreAndStoresAFile() {
        given().delete(STORE).then().statusCode(204);
        page.navigate(root + "?view=objects");
        tab.press("New store …");
        page.locator("dialog [name=store]").fill("shown");
        tab.press("Create");
        assertThat(page.locator("#page h2")).hasText("Object stores / shown");
        assertThat(page.locator(".list")).containsText("No objects yet.");

        upload("tea.json", "{\"price\":4999}");

        assertThat(page.locator(".entry .told")).hasText("Stored: tea.json, 14 B.");
        assertThat(page.locator(".entry .facts")).not().containsText("Size0 B");
        page.locator(".keys").getByText("tea.json").click();
        assertThat(page.locator(".entry .payload")).containsText("\"price\"");
        given().get(OBJECTS + "tea.json")
                .then()
                .statusCode(200)
                .contentType("application/json")
                .body("price", equalTo(4999));
    }

    @Test
    void asksBeforeItReplacesAnObject() {
        put("tea.json", "text/plain", "old".getBytes(StandardCharsets.UTF_8));
        page.navigate(root + "?view=objects&store=shown");
        upload("tea.json", "new");
        assertThat(page.locator(".entry .told")).containsText("There is an object tea.json already");
        tab.expectComplaint("412");
        given().get(OBJECTS + "tea.json").then().body(equalTo("old"));

        tab.press("Replace it …");
        assertThat(page.locator("dialog .danger")).isDisabled();
        page.locator("dialog [name=typed]").fill("tea.json");
        page.locator("dialog .danger").click();

        assertThat(page.locator(".entry .told")).hasText("Replaced: tea.json, 3 B.");
        given().get(OBJECTS + "tea.json").then().body(equalTo("new"));
    }

    @Test
    void tellsTheProgressOfAnUploadThatCanBeCancelled() throws IOException {
        page.navigate(root + "?view=objects&store=shown");
        CDPSession network = page.context().newCDPSession(page);
        JsonObject slow = new JsonObject();
        slow.addProperty("offline", false);
        slow.addProperty("latency", 0);
        slow.addProperty("downloadThroughput", -1);
        slow.addProperty("uploadThroughput", 500_000);
        network.send("Network.emulateNetworkConditions", slow);
        upload("large.bin", "x".repeat(10_000_000));

        assertThat(page.locator("progress")).hasAttribute("max", "10000000");
        page.waitForCondition(() -> (int) page.evaluate("document.querySelector('progress').value") > 0);
        tab.press("Cancel");

        assertThat(page.locator(".entry .told")).hasText("Cancelled. Nothing was stored.");
        given().get(OBJECTS + "large.bin").then().statusCode(404);
    }

    @Test
    void doesNotSayThatNothingWasStoredAfterAllWasSent() {
        page.addInitScript("""
                const send = XMLHttpRequest.prototype.send
                XMLHttpRequest.prototype.send = function (body) {
                  this.upload.addEventListener('load', () => this.abort())
                  send.call(this, body)
                }""");
        page.navigate(root + "?view=objects&store=shown");
        upload("tea.json", "{}");

        assertThat(page.locator(".entry .told")).hasText("Cancelled. All of it was sent before, so it may be stored.");
    }

    @Test
    void tellsThePageThatTheSessionIsOver() {
        page.route(
                "**/objects/*",
                route -> route.fulfill(new Route.FulfillOptions().setStatus(401).setBody("{}")));
        page.navigate(root + "?view=objects&store=shown");
        page.evaluate("addEventListener('signed-out', () => { window.signedOut = true })");
        upload("tea.json", "{}");

        assertThat(page.locator(".entry .told")).containsText("Refused with status 401");
        assertThat(page.evaluate("window.signedOut")).isEqualTo(true);
        tab.expectComplaint("401");
    }

    @Test
    void doesNotShowAPageOfAnotherBeginning() {
        IntStream.range(0, 205).forEach(i -> put("tea" + (1000 + i), "text/plain", new byte[] {'x'}));
        List<Route> held = new CopyOnWriteArrayList<>();
        page.route("**" + STORE + "/objects?*next=*", held::add);
        page.navigate(root + "?view=objects&store=shown");
        assertThat(page.locator(".keys li")).hasCount(200);
        tab.press("More objects");
        page.waitForCondition(() -> held.size() == 1);
        page.locator(".list input").fill("tea1001");
        page.keyboard().press("Enter");
        assertThat(page.locator(".keys li")).hasCount(1);

        page.waitForResponse(
                        "**" + STORE + "/objects?*next=*", () -> held.get(0).resume())
                .finished();
        page.evaluate("new Promise(requestAnimationFrame)");

        assertThat(page.locator(".keys li")).hasCount(1);
    }

    @Test
    void refusesANameThatNoPathCanHave() {
        page.navigate(root + "?view=objects&store=shown");
        page.locator("#page input[type=file]")
                .setInputFiles(new FilePayload("tea.txt", "text/plain", new byte[] {'x'}));
        page.locator("#page [name=name]").fill("..");
        page.locator("#page form button.main").click();

        assertThat(page.locator(".entry .told")).containsText("The name .. has no address");
    }

    @Test
    void saysThatThereAreMoreStoresThanItShows() {
        page.route(
                "**/v1/object-stores*",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("""
                                {"object_stores":[{"store":"media","replicas":1,"storage":"file","bytes":0,"sealed":false}],
                                 "next_offset":256}""")));
        page.navigate(root + "?view=objects");

        assertThat(page.locator("#page")).containsText("Only the first 8 object stores are shown.");
    }

    @Test
    void showsAnImage() {
        put("pixel.png", "image/png", PIXEL);
        page.navigate(root + "?view=objects&store=shown&object=pixel.png");

        assertThat(page.locator(".image")).isVisible();
        page.waitForCondition(() -> (int) page.evaluate("document.querySelector('.image').naturalWidth") == 1);
    }

    @Test
    void showsMarkupAsText() {
        put("page.html", "text/html", "<script>document.title='broken'</script>".getBytes(StandardCharsets.UTF_8));
        page.navigate(root + "?view=objects&store=shown&object=page.html");

        assertThat(page.locator(".entry .payload")).hasText("<script>document.title='broken'</script>");
        assertThat(page).hasTitle("page.html · Object stores · Sluice");
    }

    @Test
    void showsTheBeginningOfALongText() {
        put("long.txt", "text/plain", "täglich ".repeat(100_000).getBytes(StandardCharsets.UTF_8));
        page.navigate(root + "?view=objects&store=shown&object=long.txt");

        assertThat(page.locator(".entry")).containsText("The first 256 KiB of 879 KiB");
        assertThat(page.locator(".entry .payload")).containsText("täglich");
    }

    @Test
    void downloadsAnObjectWithAnyName() throws IOException {
        given().urlEncodingEnabled(false)
                .body("sencha")
                .put(OBJECTS + "gr%C3%BCn%20100%25/tea%3F.txt")
                .then()
                .statusCode(201);
        page.navigate(root + "?view=objects&store=shown");
        page.locator(".keys a").click();

        Download download = page.waitForDownload(() -> tab.press("Download"));

        assertThat(Files.readString(download.path())).isEqualTo("sencha");
    }

    @Test
    void deletesAStoreAfterItsNameWasTyped() {
        page.navigate(root + "?view=objects&store=shown");
        tab.press("Delete store …");
        assertThat(page.locator("dialog button.danger")).isDisabled();
        page.locator("dialog [name=typed]").fill("shown");
        page.locator("dialog button.danger").click();

        assertThat(page).hasURL(root + "?view=objects");
        given().get(STORE).then().statusCode(404);
    }

    @Test
    void deletesAnObjectAfterItsNameWasTyped() {
        put("tea.txt", "text/plain", new byte[] {'x'});
        page.navigate(root + "?view=objects&store=shown&object=tea.txt");
        tab.press("Delete …");
        assertThat(page.locator("dialog button.danger")).isDisabled();
        page.locator("dialog [name=typed]").fill("tea.txt");
        page.locator("dialog button.danger").click();

        assertThat(page.locator(".list")).containsText("No objects yet.");
        given().get(OBJECTS + "tea.txt").then().statusCode(404);
    }

    private void upload(String name, String content) {
        String type = name.endsWith(".json") ? "application/json" : "application/octet-stream";
        page.locator("#page input[type=file]")
                .setInputFiles(new FilePayload(name, type, content.getBytes(StandardCharsets.UTF_8)));
        assertThat(page.locator("#page [name=name]")).hasValue(name);
        page.locator("#page form button.main").click();
    }

    private static void put(String name, String type, byte[] content) {
        given().contentType(type).body(content).put(OBJECTS + name).then().statusCode(201);
    }
}
