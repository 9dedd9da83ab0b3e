package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Tab;
import dev.sluice.support.TestStreams;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person sees of buckets and does to them, in a real browser. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class BucketsViewIT {
    private static final String BUCKET = "/v1/buckets/shown";
    private static final String KEY = BUCKET + "/keys/tea/green";

    @RegisterExtension
    static final BrowserExtension browser = BrowserExtension.withTab();

    @TestHTTPResource("/")
    URL root;

    @NatsServerResource.Server
    NatsServer server;

    private Tab tab;
    private Page page;

    @BeforeEach
    void createBucket() {
        given().contentType("application/json")
                .body("{\"history\":5}")
                .put(BUCKET)
                .then()
                .statusCode(201);
    }

    @AfterEach
    void closeTab() {
        page.navigate("about:blank");
        given().delete(BUCKET);
    }

    @Test
    void createsABucketAndAKey() {
        given().delete(BUCKET).then().statusCode(204);
        page.navigate(root + "?view=buckets");
        tab.press("New bucket …");
        page.locator("dialog [name=bucket]").fill("shown");
        tab.press("Create");
        assertThat(page.locator("#page h2")).hasText("Buckets / shown");
        assertThat(page.locator(".list")).containsText("No keys yet.");

        tab.press("New key …");
        page.locator("dialog [name=key]").fill("tea/green");
        page.locator("dialog [name=value]").fill("{\"price\":4999}");
        tab.press("Create");

        assertThat(page.locator(".entry")).containsText("\"price\"");
        given().get(KEY).then().statusCode(200).contentType("application/json").body("price", equalTo(4999));
    }

    @Test
    void doesNotCreateAKeyThatHasAValue() {
        put("4999");
        page.navigate(root + "?view=buckets&bucket=shown");
        tab.press("New key …");
        page.locator("dialog [name=key]").fill("tea/green");
        page.locator("dialog [name=value]").fill("1");
        tab.press("Create");

        assertThat(page.locator("dialog [role=alert]")).containsText("The key has revision 1");
        tab.expectComplaint("412");
        given().get(KEY).then().body(equalTo("4999"));
    }

    @Test
    void tellsHowLongAgoAKeyWasWrittenWhileItIsOpen() {
        page.clock().install();
        put("4999");
        page.navigate(root + "?view=buckets&bucket=shown&key=tea/green");
        assertThat(page.locator(".entry .facts")).containsText("Written");
        assertThat(page.locator(".entry .facts")).not().containsText("10 minutes ago");

        page.clock().fastForward(610_000);

        assertThat(page.locator(".entry .facts")).containsText("10 minutes ago");
    }

    @Test
    void browsesKeysByPages() {
        IntStream.range(0, 205).forEach(i -> given().body("x").put(BUCKET + "/keys/key" + (1000 + i)));
        page.navigate(root + "?view=buckets&bucket=shown");
        assertThat(page.locator(".keys li")).hasCount(200);

        tab.press("More keys");

        assertThat(page.locator(".keys li")).hasCount(205);
        assertThat(page.locator(".keys li").nth(200).locator("a")).isFocused();
        page.locator(".list input").fill("key1204");
        page.keyboard().press("Enter");
        assertThat(page.locator(".keys li")).hasText(new String[] {"key1204"});
    }

    /** A name need not have tokens. */
    @ParameterizedTest
    @CsvSource({"tea/, tea/black tea/green", "tea/green, tea/green", "a.b, a.b.c a.bc", "a.*, a.bc", "tea0, ''"})
    void listsTheKeysThatBeginSo(String typed, String listed) {
        for (String key : List.of("a.b.c", "a.bc", "coffee", "tea", "tea/black", "tea/green", "teas")) {
            given().body("x").put(BUCKET + "/keys/" + key);
        }
        page.navigate(root + "?view=buckets&bucket=shown");
        assertThat(page.locator(".keys li")).hasCount(7);

        page.locator(".list input").fill(typed);
        page.keyboard().press("Enter");

        assertThat(page.locator(".keys li")).hasText(listed.isEmpty() ? new String[0] : listed.split(" "));
    }

    @Test
    void listsTheBucketsAgain() {
        page.clock().install();
        page.navigate(root + "?view=buckets");
        assertThat(page.locator("#page")).containsText("shown");

        given().delete(BUCKET).then().statusCode(204);
        page.clock().fastForward(5_000);

        assertThat(page.locator("#page")).not().containsText("shown");
    }

    @Test
    void writesOverTheRevisionThatWasRead() {
        put("4999");
        show();
        tab.press("Edit");
        page.locator("textarea").fill("5999");
        tab.press("Save");

        assertThat(page.locator(".told").first()).hasText("Saved as revision 2.");
        assertThat(page.locator(".value .payload")).hasText("5999");
        given().get(KEY).then().body(equalTo("5999"));
    }

    @Test
    void showsChangesAsTheyCome() {
        put("4999");
        show();
        assertThat(page.locator(".list")).containsText("Changes appear here as they come.");

        given().body("5999").put(KEY).then().statusCode(200);
        given().body("1").put(BUCKET + "/keys/tea/black").then().statusCode(201);

        assertThat(page.locator(".value .payload")).hasText("5999");
        assertThat(page.locator(".changes li")).hasCount(2);
        assertThat(page.locator(".changes li").last()).containsText("5999");
        assertThat(page.locator(".keys li")).hasText(new String[] {"tea/black", "tea/green"});

        given().delete(BUCKET + "/keys/tea/black").then().statusCode(204);
        assertThat(page.locator(".changes li").first()).containsText("delete");
        assertThat(page.locator(".keys li")).hasText(new String[] {"tea/green"});
    }

    @Test
    void tellsAChangeWithoutTouchingTheTextThatIsEdited() {
        put("4999");
        show();
        assertThat(page.locator(".list")).containsText("Changes appear here as they come.");
        tab.press("Edit");
        page.locator("textarea").fill("mine");

        given().body("5999").put(KEY).then().statusCode(200);

        assertThat(page.locator(".entry .told").first())
                .hasText("Somebody changed this key meanwhile: it has revision 2 now.");
        assertThat(page.locator("textarea")).hasValue("mine");
        leave(true);
    }

    @Test
    void asksBeforeUnsavedTextIsLost() {
        put("4999");
        show();
        tab.press("Edit");
        page.locator("textarea").fill("mine");

        leave(false);
        assertThat(page.locator("textarea")).hasValue("mine");
        assertThat(page).hasURL(root + "?view=buckets&bucket=shown&key=tea/green");
        leave(true);
        assertThat(page.locator("#page h2")).hasText("Health");
    }

    @Test
    void asksBeforeTheEditorLosesAText() {
        put("4999");
        show();
        tab.press("Edit");
        page.locator("textarea").fill("mine");

        answer(false, () -> tab.press("Cancel"));
        assertThat(page.locator("textarea")).hasValue("mine");
        answer(true, () -> tab.press("Cancel"));
        assertThat(page.locator(".value .payload")).hasText("4999");
    }

    @Test
    void asksBeforeADialogLosesAText() {
        page.navigate(root + "?view=health");
        page.locator("nav").getByText("Buckets").click();
        page.locator("#page").getByText("shown").click();
        tab.press("New key …");
        page.locator("dialog [name=value]").fill("mine");

        answer(false, () -> tab.press("Cancel"));
        answer(false, () -> page.keyboard().press("Escape"));
        answer(false, () -> page.keyboard().press("Escape"));
        answer(false, () -> page.goBack());
        assertThat(page.locator("dialog [name=value]")).hasValue("mine");
        assertThat(page).hasURL(root + "?view=buckets&bucket=shown");
        answer(true, () -> page.goBack());
        assertThat(page).hasURL(root + "?view=buckets");
        assertThat(page.locator("dialog.ask")).hasCount(0);
    }

    @Test
    void closesADialogWithoutATextAtOnce() {
        page.navigate(root + "?view=buckets&bucket=shown");
        tab.press("New key …");
        page.keyboard().press("Escape");

        assertThat(page.locator("dialog.ask")).hasCount(0);
    }

    /** Follows a link to another view, and accepts the question whether to leave or not. */
    private void leave(boolean accepted) {
        answer(accepted, () -> page.locator("nav").getByText("Health").click());
    }

    /** Requires that the step makes the browser ask, and answers. */
    private void answer(boolean accepted, Runnable step) {
        List<String> questions = new ArrayList<>();
        page.onceDialog(question -> {
            questions.add(question.message());
            if (accepted) {
                question.accept();
            } else {
                question.dismiss();
            }
        });
        step.run();
        page.waitForCondition(() -> !questions.isEmpty());
    }

    @Test
    void keepsTheHeadersOfAValue() {
        given().contentType("application/json")
                .header("NatsH-Owner", "Ada")
                .body("4999")
                .put(KEY);
        show();
        assertThat(page.locator(".value .facts")).containsText("Ada");
        tab.press("Edit");
        page.locator("textarea").fill("5999");
        tab.press("Save");

        assertThat(page.locator(".told").first()).hasText("Saved as revision 2.");
        given().get(KEY).then().header("NatsH-Owner", "Ada").header("Content-Type", equalTo("application/json"));
    }

    /** A text area makes every line end LF. */
    @ParameterizedTest
    @CsvSource({"'a\\r\\nb\\r\\n'", "'a\\rb\\r'", "'a\\nb\\n'"})
    void keepsTheLineEndsOfAValue(String escaped) {
        String value = escaped.translateEscapes();
        put(value);
        show();
        tab.press("Edit");
        page.locator("textarea").press("Control+End");
        page.keyboard().type("c");
        tab.press("Save");

        assertThat(page.locator(".told").first()).hasText("Saved as revision 2.");
        assertThat(given().get(KEY).asByteArray()).asString(UTF_8).isEqualTo(value + "c");
    }

    @Test
    void hasNothingToSaveOfAValueThatIsNotEdited() {
        put("a\r\nb\r\n");
        show();
        tab.press("Edit");
        page.locator("nav").getByText("Health").click();

        assertThat(page.locator("#page h2")).hasText("Health");
    }

    @Test
    void doesNotEditAValueWhoseLinesEndInSeveralWays() {
        put("a\r\nb\n");
        show();

        assertThat(page.locator(".value")).containsText("edit it with another NATS client");
        assertThat(page.locator(".value .actions").getByText("Edit")).hasCount(0);
    }

    @ParameterizedTest
    @CsvSource({
        "'[\"tea\",\"cake\"]', A browser cannot send Kind twice",
        "'[\"緑\"]', A browser cannot send this value of Kind"
    })
    void saysWhichHeaderABrowserCannotKeep(String values, String told) {
        put("4999");
        page.route(
                "**" + BUCKET + "/history/tea/green",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("""
                                {"revisions":[{"revision":1,"time":"2026-08-27T09:00:00Z","operation":"put","value":"4999",
                                 "headers":{"Kind":%s}}]}""".formatted(values))));
        show();
        tab.press("Edit");
        page.locator("textarea").fill("5999");
        tab.press("Save");

        assertThat(page.locator(".edit [role=alert]")).containsText(told);
        assertThat(page.locator("textarea")).hasValue("5999");
        given().get(KEY).then().body(equalTo("4999"));
        leave(true);
    }

    @Test
    void listsNoMoreKeysOfAWatchThanAPage() {
        page.navigate(root + "?view=buckets&bucket=shown");
        assertThat(page.locator(".list")).containsText("Changes appear here as they come.");
        IntStream.range(0, 205).forEach(i -> given().body("x").put(BUCKET + "/keys/key" + (1000 + i)));

        assertThat(page.locator(".changes li").first()).containsText("key1204");
        assertThat(page.locator(".keys li")).hasCount(200);
        tab.press("More keys");
        assertThat(page.locator(".keys li")).hasCount(205);
        assertThat(page.locator(".keys li").last()).hasText("key1204");
    }

    /** The tokens expire while the computer is asleep; awake, the session can be renewed. */
    @Test
    void watchesOnWithARenewedSession() {
        page.route(
                "**/session",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("{\"name\":\"ada\",\"renew_in\":60,\"sign_out\":\"session/sign-out\"}")));
        List<String> watches = new CopyOnWriteArrayList<>();
        page.route("**" + BUCKET + "/events?*", route -> {
            watches.add(route.request().url());
            String rest = watches.size() > 1 ? ": \n\n" : "event: closed\ndata: {\"reason\":\"forbidden\"}\n\n";
            route.fulfill(new Route.FulfillOptions()
                    .setContentType("text/event-stream")
                    .setBody("retry: 600000\nid: e-7\nevent: status\ndata: {\"nats\":\"connected\"}\n\n" + rest));
        });
        page.navigate(root + "?view=buckets&bucket=shown");

        page.waitForCondition(() -> watches.size() == 2);
        assertThat(watches.get(1)).endsWith("&last_event_id=e-7");
    }

    @Test
    void showsTheHeadOfALargeDifference() {
        page.navigate(root + "?view=health");

        Object shown = page.evaluate("""
                async () => {
                  const { difference } = await import('/console/diff.js')
                  const lines = 'a\\n'.repeat(200000)
                  const made = difference(lines, lines + 'b', 'Large')
                  return [made.children.length, made.firstChild.textContent, made.querySelectorAll('.added').length].join('|')
                }""");

        assertThat(shown).isEqualTo("103|… 199,900 lines are not shown\n|1");
    }

    @Test
    void showsBothValuesIfAColleagueWroteMeanwhile() {
        put("theirs at first");
        show();
        tab.press("Edit");
        page.locator("textarea").fill("mine");
        put("theirs");
        tab.press("Save");

        assertThat(page.locator("#page [role=alert]")).containsText("Somebody changed this key meanwhile");
        assertThat(page.locator(".value .diff .removed")).containsText("theirs");
        assertThat(page.locator(".value .diff .added")).containsText("mine");
        tab.violatesNothing();
        given().get(KEY).then().body(equalTo("theirs"));
        tab.expectComplaint("412");
    }

    @Test
    void savesMineOverTheirsAfterItWasSeen() {
        put("theirs at first");
        show();
        tab.press("Edit");
        page.locator("textarea").fill("mine");
        put("theirs");
        tab.press("Save");
        tab.press("Edit mine over theirs");
        assertThat(page.locator("textarea")).hasValue("mine");
        tab.press("Save");

        assertThat(page.locator(".told").first()).hasText("Saved as revision 3.");
        given().get(KEY).then().body(equalTo("mine"));
        tab.expectComplaint("412");
    }

    @Test
    void comparesTwoRevisions() {
        put("{\"price\":4999,\"name\":\"Sencha\"}");
        put("{\"price\":5999,\"name\":\"Sencha\"}");
        put("{\"price\":6999,\"name\":\"Sencha\"}");
        show();
        assertThat(page.locator(".history .diff .removed")).containsText("5999");
        assertThat(page.locator(".history .diff .added")).containsText("6999");

        page.getByLabel("Compare revision 1 as the one before").check();

        assertThat(page.locator(".history .diff .removed")).containsText("4999");
        assertThat(page.locator(".history .diff .line")).hasCount(5);
    }

    @Test
    void deletesAKeyAndShowsItsDeletion() {
        put("4999");
        show();
        page.locator(".value").getByText("Delete …").click();
        assertThat(page.locator("dialog.ask")).containsText("The history keeps 5 revisions of a key");
        assertThat(page.locator("dialog .danger")).isDisabled();
        page.locator("dialog [name=typed]").fill("tea/green");
        page.locator("dialog .danger").click();

        assertThat(page.locator(".value")).containsText("This key has no value any longer.");
        given().get(KEY).then().statusCode(404);
        tab.press("New value");
        page.locator("textarea").fill("again");
        tab.press("Save");
        assertThat(page.locator(".told").first()).hasText("Saved as revision 3.");
    }

    @Test
    void saysThatADeletionIsFinalInABucketWithoutHistory() {
        given().contentType("application/json")
                .body("{\"history\":1}")
                .put(BUCKET)
                .then()
                .statusCode(200);
        put("4999");
        show();
        page.locator(".value").getByText("Delete …").click();

        assertThat(page.locator("dialog.ask")).containsText("The value is lost");
    }

    @Test
    void purgesAKeyWhoseNameWasTyped() {
        put("4999");
        put("5999");
        show();
        tab.press("Purge …");
        assertThat(page.locator("dialog .danger")).isDisabled();
        page.locator("dialog [name=typed]").fill("tea/green");
        page.locator("dialog .danger").click();

        assertThat(page.locator(".told").first()).hasText("Purged.");
        assertThat(page.locator(".history tbody tr")).hasCount(1);
    }

    @Test
    void deletesABucketWhoseNameWasTyped() {
        page.navigate(root + "?view=buckets&bucket=shown");
        tab.press("Delete bucket …");
        page.locator("dialog [name=typed]").fill("shown");
        page.locator("dialog .danger").click();

        assertThat(page).hasURL(root + "?view=buckets");
        given().get(BUCKET).then().statusCode(404);
    }

    @Test
    void showsAValueThatIsNotTextAsBytes() {
        given().contentType("application/octet-stream")
                .body(new byte[] {(byte) 0xC3, 0x28})
                .put(KEY);
        show();

        assertThat(page.locator(".value .hex")).containsText("c3 28");
        assertThat(page.locator(".value .actions").getByText("Edit")).hasCount(0);
    }

    @Test
    void readsKeysWhosePathsABrowserWouldShorten() {
        for (String key : new String[] {"tea//green", "tea/./green", "tea/"}) {
            page.navigate(root + "?view=buckets&bucket=shown");
            tab.press("New key …");
            page.locator("dialog [name=key]").fill(key);
            page.locator("dialog [name=value]").fill("the value of " + key);
            tab.press("Create");

            assertThat(page.locator("#page h2")).hasText("Buckets / shown / " + key);
            assertThat(page.locator(".value .payload")).hasText("the value of " + key);
        }
        assertThat(page.locator(".keys li")).hasCount(3);
    }

    @Test
    void showsMarkupAsText() {
        put("<img src=x onerror=document.title='broken'>");
        show();

        assertThat(page.locator(".value .payload")).hasText("<img src=x onerror=document.title='broken'>");
        assertThat(page).hasTitle("tea/green · Buckets · Sluice");
    }

    @Test
    void showsAndEditsTheNewestRevisionOfALongHistory() {
        given().contentType("application/json").body("{\"history\":64}").put(BUCKET);
        IntStream.range(0, 20).forEach(i -> put("old ".repeat(150_000)));
        put("the newest");
        show();

        assertThat(page.locator(".value .payload")).hasText("the newest");
        assertThat(page.locator(".history")).containsText("The history is too long to be shown whole");
        tab.press("Edit");
        page.locator("textarea").fill("newer");
        tab.press("Save");
        assertThat(page.locator(".told").first()).hasText("Saved as revision 22.");
        given().get(KEY).then().body(equalTo("newer"));
    }

    @Test
    void showsTheDeletionThatEndsALongHistory() {
        given().contentType("application/json").body("{\"history\":64}").put(BUCKET);
        IntStream.range(0, 20).forEach(i -> put("old ".repeat(150_000)));
        given().delete(KEY).then().statusCode(204);
        show();

        assertThat(page.locator(".value")).containsText("This key has no value any longer.");
        tab.expectComplaint("404");
    }

    @Test
    void showsAndComparesAllDigitsOfANumber() {
        put("{\"id\":12345678901234567891}");
        put("{\"id\":12345678901234567892}");
        show();

        assertThat(page.locator(".value .json-number")).hasText("12345678901234567892");
        assertThat(page.locator(".history .diff .removed")).containsText("12345678901234567891");
        assertThat(page.locator(".history .diff .added")).containsText("12345678901234567892");
    }

    @Test
    void showsLongNumbersAsTextInABrowserThatWouldRoundThem() {
        page.addInitScript("delete JSON.rawJSON");
        put("{\"id\":12345678901234567891}");
        show();

        assertThat(page.locator(".value .payload")).hasText("{\"id\":12345678901234567891}");
    }

    @Test
    void watchesNoLongerAfterTheViewWasLeft() {
        List<String> watches = new CopyOnWriteArrayList<>();
        page.onRequest(request -> {
            if (request.url().contains(BUCKET + "/events")) {
                watches.add(request.url());
            }
        });
        page.navigate(root + "?view=buckets");
        page.locator("#page").getByText("shown").click();
        assertThat(page.locator(".list")).containsText("Changes appear here as they come.");
        tab.press("Delete bucket …");
        page.goBack();
        assertThat(page.locator("tbody")).containsText("shown");

        assertThat(watches).hasSize(1);
    }

    @Test
    void listsTheKeysAgainAfterAPurgeThatLeavesNoMarkers() {
        put("4999");
        page.navigate(root + "?view=buckets&bucket=shown");
        assertThat(page.locator(".list")).containsText("Changes appear here as they come.");
        assertThat(page.locator(".keys li")).hasText(new String[] {"tea/green"});

        try (TestStreams streams = new TestStreams(server)) {
            streams.purge("KV_shown", "$KV.shown.>");
        }

        assertThat(page.locator(".list")).containsText("No keys yet.");
        assertThat(page.locator(".keys li")).hasCount(0);
    }

    @Test
    void saysThatSluiceEndedTheWatch() {
        endWatch();
        page.navigate(root + "?view=buckets&bucket=shown");

        assertThat(page.locator(".list")).containsText("Sluice ended the watch: it is not allowed any longer.");
    }

    @Test
    void saysThatTheSignInCannotBeCheckedWhenSluiceEndsTheWatch() {
        endWatch();
        page.route("**/session", route -> route.fulfill(new Route.FulfillOptions().setStatus(503)));
        page.navigate(root + "?view=buckets&bucket=shown");

        assertThat(page.locator(".list")).containsText("Sluice ended the watch: the sign-in cannot be checked now.");
        tab.expectComplaint("503");
    }

    private void endWatch() {
        page.route(
                "**" + BUCKET + "/events?*",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("text/event-stream")
                        .setBody("event: status\ndata: {\"nats\":\"connected\"}\n\n"
                                + "event: closed\ndata: {\"reason\":\"forbidden\"}\n\n")));
    }

    @Test
    void doesNotShowAPageOfAnotherFilter() {
        IntStream.range(0, 205).forEach(i -> given().body("x").put(BUCKET + "/keys/key" + (1000 + i)));
        List<Route> held = new CopyOnWriteArrayList<>();
        page.route("**" + BUCKET + "/keys?*next=key1199", held::add);
        page.navigate(root + "?view=buckets&bucket=shown");
        assertThat(page.locator(".keys li")).hasCount(200);
        tab.press("More keys");
        page.waitForCondition(() -> held.size() == 1);
        page.locator(".list input").fill("key1001");
        page.keyboard().press("Enter");
        assertThat(page.locator(".keys li")).hasText(new String[] {"key1001"});

        page.waitForResponse(
                        "**" + BUCKET + "/keys?*next=key1199", () -> held.get(0).resume())
                .finished();
        page.evaluate("new Promise(requestAnimationFrame)");

        assertThat(page.locator(".keys li")).hasText(new String[] {"key1001"});
    }

    @Test
    void saysThatThereAreMoreBucketsThanItShows() {
        page.route(
                "**/v1/buckets*",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("""
                                {"buckets":[{"bucket":"menu","history":1,"replicas":1,"storage":"file","values":0,"bytes":0,
                                 "revision":0}],"next_offset":256}""")));
        page.navigate(root + "?view=buckets");

        assertThat(page.locator("#page")).containsText("Only the first 8 buckets are shown.");
    }

    @Test
    void findsTheLinesThatDiffer() {
        page.navigate(root + "?view=health");

        Object found = page.evaluate("""
                async () => {
                  const { lines } = await import('/console/diff.js')
                  return lines('a\\nb\\nc\\nd', 'a\\nx\\nc\\nd\\ne').map(([sign, line]) => sign + line).join('|')
                }""");

        assertThat(found).isEqualTo(" a|-b|+x| c| d|+e");
    }

    private void show() {
        page.navigate(root + "?view=buckets&bucket=shown&key=tea/green");
        assertThat(page.locator(".history h3")).hasText("History");
    }

    private static void put(String value) {
        given().contentType("text/plain; charset=UTF-8").body(value).put(KEY);
    }
}
