package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Publishes and requests by the form of the page, in a real browser. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class PublishViewIT {
    @RegisterExtension
    static final BrowserExtension browser = BrowserExtension.withTab();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    private Tab tab;
    private Page page;
    private TestStreams streams;

    @BeforeEach
    void createStream() {
        streams = new TestStreams(server);
        streams.create("FORM", "form.>");
    }

    @AfterEach
    void leave() {
        page.navigate("about:blank");
        streams.delete("FORM");
        streams.close();
    }

    @Test
    void storesAMessageWithItsHeadersAndShowsTheReceipt() {
        open("form.x");
        fill("headers", "Colour: green\nNats-Msg-Id: form-1\nContent-Type: text/x-tea");
        fill("body", "Sencha");
        tab.press("Send");

        assertThat(page.locator(".answer")).containsText("Sequence1");
        given().get("/v1/streams/FORM/messages/1")
                .then()
                .header("NatsH-Colour", "green")
                .header("NatsH-Nats-Msg-Id", "form-1")
                .header("Content-Type", equalTo("text/x-tea"))
                .body(equalTo("Sencha"));
        tab.press("Send");
        assertThat(page.locator(".answer h3")).hasText("Stored before");
    }

    @Test
    void showsTheAnswerOnAPhone() {
        tab = browser.open(ColorScheme.LIGHT, 360, 740);
        page = tab.page();
        open("form.x");
        fill("body", "Sencha");
        tab.press("Send");

        assertThat(page.locator(".answer h3")).hasText("Stored");
        assertThat(page.locator(".answer h3")).isInViewport();
    }

    @Test
    void sendsJsonAsJson() {
        open("form.x");
        fill("body", "{\"tea\":1}");
        tab.press("Send");
        assertThat(page.locator(".answer h3")).hasText("Stored");

        given().get("/v1/streams/FORM/messages/1").then().contentType("application/json");
    }

    @Test
    void opensTheMessageInTheTail() {
        open("form.x");
        fill("body", "Sencha");
        tab.press("Send");
        tab.press("Show it in the tail");

        assertThat(page).hasURL(Pattern.compile(".*from=seq%3A1.*#1$"));
        assertThat(page.locator("#detail .payload")).hasText("Sencha");
    }

    @Test
    void asksBeforeUnsavedTextIsLost() {
        open("form.x");
        fill("body", "not sent");
        page.onceDialog(question -> question.dismiss());
        page.locator("nav").getByText("Health").click();
        assertThat(page.locator("#page [name=body]")).hasValue("not sent");

        tab.press("Send");
        assertThat(page.locator(".answer h3")).hasText("Stored");
        page.locator("nav").getByText("Health").click();
        assertThat(page.locator("#page h2")).hasText("Health");
    }

    @Test
    void storesBytesThatAreGivenAsBase64() {
        open("form.x");
        page.locator("#page [name=encoding]").selectOption("base64");
        fill("body", "AAECwyg=");
        tab.press("Send");

        assertThat(page.locator(".answer h3")).hasText("Stored");
        assertThat(given().get("/v1/streams/FORM/messages/1").asByteArray()).containsExactly(0, 1, 2, 0xC3, 0x28);
    }

    @Test
    void showsTheReplyOfARequest() {
        given().contentType("application/json").body("{\"price\":4999}").put("/v1/prices/tea");
        open("pricing.lookup");
        page.locator("#page [name=way]").selectOption("request");
        fill("body", "{\"product_id\":\"tea\"}");
        tab.press("Send");

        assertThat(page.locator(".answer h3")).hasText("Reply");
        assertThat(page.locator(".answer .json-number")).hasText("4999");
        tab.violatesNothing();
    }

    @Test
    void showsTheProblemAtTheFieldThatCausedIt() {
        open("form..x");
        tab.press("Send");
        assertThat(page.locator(".answer [role=alert]")).containsText("Invalid subject");
        assertThat(page.locator("#page [name=subject]")).hasAttribute("aria-invalid", "true");
        assertThat(page.locator("#page [name=subject]")).isFocused();

        fill("subject", "form.x");
        fill("headers", "no colon");
        tab.press("Send");
        assertThat(page.locator("#page [name=headers]")).hasAttribute("aria-invalid", "true");
        tab.violatesNothing();
        tab.expectComplaint("400");
    }

    @Test
    void saysThatNobodyAnswers() {
        open("nobody.serves.this");
        page.locator("#page [name=way]").selectOption("request");
        tab.press("Send");

        assertThat(page.locator(".answer [role=alert]")).containsText("No responders");
        tab.expectComplaint("503");
    }

    @Test
    void remembersAMessageByAName() {
        open("form.x");
        fill("body", "often sent");
        tab.press("Remember as …");
        page.locator("#page [name=template]").fill("tea time");
        page.keyboard().press("Enter");

        page.navigate(root + "?view=publish");
        assertThat(page.locator("#page [name=body]")).hasValue("");
        tab.press("tea time");
        assertThat(page.locator("#page [name=subject]")).hasValue("form.x");
        assertThat(page.locator("#page [name=body]")).hasValue("often sent");
        page.getByLabel("Forget tea time").click();
        assertThat(page.locator(".template")).hasCount(0);
    }

    @Test
    void sendsOnceUntilItIsAnswered() {
        List<Route> held = new CopyOnWriteArrayList<>();
        page.route("**/v1/publish/form.x", held::add);
        open("form.x");
        tab.press("Send");
        assertThat(page.locator("#page button.main")).isDisabled();
        page.locator("#page [name=subject]").press("Enter");

        page.waitForCondition(() -> held.size() == 1);
        held.get(0).resume();
        assertThat(page.locator(".answer")).containsText("Sequence1");
        assertThat(page.locator("#page button.main")).isEnabled();
        assertThat(held).hasSize(1);
    }

    @Test
    void asksBeforeTextIsLostThatWasTypedWhileItSent() {
        List<Route> held = new CopyOnWriteArrayList<>();
        page.route("**/v1/publish/form.x", held::add);
        open("form.x");
        tab.press("Send");
        page.waitForCondition(() -> held.size() == 1);
        fill("body", "typed meanwhile");
        held.get(0).resume();
        assertThat(page.locator(".answer")).containsText("Sequence1");

        page.onceDialog(Dialog::dismiss);
        page.locator("nav").getByText("Health").click();
        assertThat(page.locator("#page [name=body]")).hasValue("typed meanwhile");
        page.onceDialog(Dialog::accept);
    }

    @ParameterizedTest
    @CsvSource({
        "'Tea Colour: green', Tea Colour is not the name of a header",
        "'Colour: 緑', A browser cannot send this value of Colour"
    })
    void namesTheHeaderThatABrowserDoesNotSend(String header, String told) {
        open("form.x");
        fill("headers", header);
        tab.press("Send");

        assertThat(page.locator(".answer [role=alert]")).containsText(told);
        assertThat(page.locator("#page [name=headers]")).hasAttribute("aria-invalid", "true");
    }

    @Test
    void saysThatSluiceCannotBeReached() {
        page.route("**/v1/publish/form.x", Route::abort);
        open("form.x");
        tab.press("Send");

        assertThat(page.locator(".answer [role=alert]")).containsText("Sluice cannot be reached");
        tab.expectComplaint("ERR_FAILED");
    }

    @Test
    void asksBeforeATemplateReplacesUnsavedText() {
        open("form.x");
        fill("body", "often sent");
        tab.press("Remember as …");
        page.keyboard().press("Enter");
        fill("body", "not sent");
        page.onceDialog(Dialog::dismiss);
        page.locator(".template").click();
        assertThat(page.locator("#page [name=body]")).hasValue("not sent");

        page.onceDialog(Dialog::accept);
        page.locator(".template").click();
        assertThat(page.locator("#page [name=body]")).hasValue("often sent");
    }

    @Test
    void saysThatTheBrowserHasNoRoomForATemplate() {
        open("form.x");
        page.evaluate("""
                for (let length = 2 ** 23; length >= 1; length = Math.floor(length / 2)) {
                  try { localStorage.setItem(`full${length}`, 'x'.repeat(length)) } catch { }
                }""");
        tab.press("Remember as …");
        page.keyboard().press("Enter");

        assertThat(page.locator(".templates [role=alert]")).containsText("This browser remembers nothing more");
    }

    @Test
    void takesAMessageOfTheTailToPublishItAgain() {
        given().contentType("text/plain; charset=UTF-8")
                .header("NatsH-Colour", "green")
                .body("again")
                .post("/v1/publish/form.x");
        page.navigate(root + "?subject=form.>&from=all");
        page.locator("#events [role=option]").click();
        tab.press("Publish again …");

        assertThat(page.locator("#page [name=subject]")).hasValue("form.x");
        assertThat(page.locator("#page [name=headers]"))
                .hasValue("Content-Type: text/plain; charset=UTF-8\nColour: green");
        assertThat(page.locator("#page [name=body]")).hasValue("again");
        tab.press("Send");
        assertThat(page.locator(".answer")).containsText("Sequence2");
        tab.press("Show it in the tail");
        assertThat(page.locator("#events [role=option]")).hasCount(1);
    }

    /** A text area makes every line end LF. */
    @ParameterizedTest
    @ValueSource(strings = {"a\\rb", "a\\r\\nb\\r\\n"})
    void publishesTheBytesOfATextAgain(String escaped) {
        String text = escaped.translateEscapes();
        given().contentType("text/plain; charset=UTF-8").body(text).post("/v1/publish/form.x");
        page.navigate(root + "?subject=form.>&from=all");
        page.locator("#events [role=option]").click();
        tab.press("Publish again …");
        tab.press("Send");

        assertThat(page.locator(".answer")).containsText("Sequence2");
        assertThat(given().get("/v1/streams/FORM/messages/2").asByteArray())
                .asString(UTF_8)
                .isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "stored, /v1/publish/form.x",
        "none, /v1/publish/form.x?ack=none",
        "request, /v1/request/form.x?timeout=5s"
    })
    void copiesTheCommandThatSendsTheSame(String way, String address) {
        tab.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
        open("form.x");
        page.locator("#page [name=way]").selectOption(way);
        if (way.equals("request")) {
            fill("timeout", "5s");
        }
        page.locator("#page [name=encoding]").selectOption("base64");
        fill("body", "AAEC\nwyg=\n");

        tab.press("Copy curl");
        assertThat(page.locator("#page")).containsText("Copied");
        assertThat(page.evaluate("navigator.clipboard.readText()"))
                .isEqualTo(
                        "echo AAECwyg= | base64 -d | curl -H 'Content-Type: application/octet-stream' --data-binary @- '"
                                + root.toString().replaceAll("/$", "") + address + "'");
        page.onceDialog(Dialog::accept);
    }

    @Test
    void refusesAHeaderThatABrowserWouldJoin() {
        open("form.x");
        fill("headers", "Kind: tea\nKind: cake");
        tab.press("Send");

        assertThat(page.locator(".answer [role=alert]")).containsText("A browser cannot send Kind twice");
        assertThat(page.locator("#page [name=headers]")).hasAttribute("aria-invalid", "true");
    }

    @Test
    void showsAMessageOfAQueueInTheTail() {
        given().contentType("application/json")
                .body("{\"subjects\":[\"jobs.>\"],\"retention\":\"workqueue\"}")
                .put("/v1/streams/JOBS")
                .then()
                .statusCode(201);
        open("jobs.x");
        tab.press("Send");
        tab.press("Show it in the tail");

        assertThat(page.locator("#hidden")).hasText("stream JOBS");
        assertThat(page.locator("#events [role=option]")).hasCount(1);
        page.navigate("about:blank");
        streams.delete("JOBS");
    }

    private void open(String subject) {
        page.navigate(root + "?view=publish&subject=" + subject);
        assertThat(page.locator("#page [name=subject]")).hasValue(subject);
    }

    private void fill(String name, String text) {
        page.locator("#page [name=" + name + "]").fill(text);
    }
}
