package dev.sluice.access;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.Tab;
import dev.sluice.support.TokenIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a caller may do, as it is told the caller, and what the console offers because of it. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@WithTestResource(SecuredResource.class)
@Tag("slow")
class PermissionsViewIT {
    private static final Map<String, Object> MANAGER = Map.of(
            "publish", allow(">"),
            "subscribe", allow(">"),
            "consume", allow("*.*"),
            "administer", allow("*.*"),
            "read", allow(">"),
            "write", allow(">"),
            "object-read", allow(">"),
            "object-write", allow(">"));

    @RegisterExtension
    static final BrowserExtension browser = BrowserExtension.withTab();

    @SecuredResource.Issuer
    TokenIssuer issuer;

    @TestHTTPResource("/")
    URL root;

    private Tab tab;
    private Page page;

    @Test
    void tellsTheRulesOfTheRolesAndOfTheToken() {
        String token = issuer.sign(TokenIssuer.claims("reader", "web", "unknown")
                .claim("sluice", Map.of("consume", Map.of("allow", List.of("ORDERS.*"), "deny", List.of("ORDERS.a")))));

        given().auth()
                .oauth2(token)
                .get("/v1/permissions")
                .then()
                .statusCode(200)
                .header("Cache-Control", "no-store")
                .body("name", equalTo("somebody"))
                .body("roles", contains("reader", "unknown", "web"))
                .body("permissions.subscribe.allow", hasSize(2))
                .body("permissions.subscribe.deny", contains("secret.>"))
                .body("permissions.publish.allow", contains("logs.web.>"))
                .body("permissions.consume.allow", contains("ORDERS.*"))
                .body("permissions.consume.deny", contains("ORDERS.a"))
                .body("permissions.object-write.allow", empty());
    }

    @Test
    void offersTheViewsOfTheCaller() {
        signIn(Map.of("subscribe", allow("logs.>")));
        page.navigate(root.toString());

        assertThat(page.locator("nav a:visible")).hasText(new String[] {"Tail", "Health"});
        page.keyboard().press("2");
        assertThat(page.locator("#tail")).isVisible();
    }

    @Test
    void tailsTheSubjectsOfACallerWhoMayNotSeeTheUsualOnes() {
        signIn(Map.of("subscribe", allow("orders.>")));
        page.navigate(root.toString());

        assertThat(page.locator("#state")).hasText("connected");
        assertThat(page.locator("#subject")).hasAttribute("placeholder", "orders.>");
        assertThat(page.locator("#patterns")).hasText("orders.>");
    }

    @Test
    void tailsAsManySubjectsAsOneTailMayHave() {
        signIn(Map.of(
                "subscribe",
                Map.of(
                        "allow",
                        IntStream.range(0, 65).mapToObj(i -> "a" + i + ".>").toList())));
        page.navigate(root.toString());

        assertThat(page.locator("#state")).hasText("connected");
    }

    @Test
    void doesNotReadAgainWhatIsForbidden() {
        signIn(Map.of("subscribe", allow("logs.>")));
        page.clock().install();
        List<String> asked = new CopyOnWriteArrayList<>();
        page.onRequest(request -> asked.add(request.url()));
        page.navigate(root + "?view=streams&stream=ORDERS");
        assertThat(page.locator("#page [role=alert]")).isVisible();

        page.clock().runFor(60_000);

        Assertions.assertThat(asked)
                .filteredOn(url -> url.endsWith("/v1/streams/ORDERS"))
                .hasSize(1);
        tab.expectComplaint("403");
    }

    @Test
    void beginsWithTheFirstViewOfACallerWithoutTails() {
        signIn(Map.of("read", allow(">")));
        page.navigate(root.toString());

        assertThat(page.locator("nav a:visible")).hasText(new String[] {"Buckets", "Health"});
        assertThat(page.locator("#page h2")).hasText("Buckets");
    }

    @Test
    void knowsWhetherADenyLeavesAPartOfWhatIsAllowed() {
        signIn(Map.of(
                "subscribe", allow("logs.>"),
                "read", Map.of("allow", List.of("SB.pub.>"), "deny", List.of("SB.pub.>")),
                "write", Map.of("allow", List.of("SB.*", "SC.a.>"), "deny", List.of("SB.a", "SC.*", "SC.*.b"))));
        page.navigate(root.toString());

        Object some = page.evaluate("""
                async () => {
                  const { refresh, maySome } = await import('/console/permissions.js')
                  await refresh()
                  return [['read', 'SB.>'], ['read', '>'], ['write', 'SB.>'], ['write', 'SB.a'], ['write', 'SB.b'],
                    ['write', 'SC.>'], ['write', 'SC.*.b'], ['write', 'SC.*'], ['write', 'SC.*.c']].map(pair => maySome(...pair))
                    .join()
                }""");

        Assertions.assertThat(some).isEqualTo("false,false,true,false,true,true,false,false,true");
    }

    @Test
    void offersEverythingToAManager() {
        signIn(MANAGER);
        page.navigate(root + "?view=streams&stream=ORDERS");

        assertThat(button("Purge …")).isVisible();
        assertThat(button("Delete …")).isVisible();
        assertThat(page.locator("nav a:visible")).hasCount(page.locator("nav a").count());
    }

    @Test
    void doesNotOfferToAReaderWhatWouldBeRefused() {
        signIn(Map.of("consume", allow("ORDERS.*"), "subscribe", allow("orders.>")));
        page.navigate(root + "?view=streams&stream=ORDERS");

        assertThat(page.locator("#page .heading").getByText("Tail")).isVisible();
        assertThat(button("Purge …")).isHidden();
        assertThat(button("Delete …")).isHidden();
        assertThat(page.locator("#page .heading").getByText("Publish")).isHidden();
    }

    @Test
    void offersToEditOnlyTheKeysThatMayBeWritten() {
        String manager = token(MANAGER);
        given().auth()
                .oauth2(manager)
                .contentType("application/json")
                .body("{}")
                .put("/v1/buckets/guarded");
        for (String key : List.of("tea.green", "tea.black")) {
            given().auth().oauth2(manager).body("1").put("/v1/buckets/guarded/keys/" + key);
        }
        signIn(Map.of("subscribe", allow("logs.>"), "read", allow("guarded.>"), "write", allow("guarded.tea.green")));

        page.navigate(root + "?view=buckets&bucket=guarded&key=tea.green");
        assertThat(button("Edit")).isVisible();
        assertThat(button("New key …")).isVisible();
        assertThat(button("Delete bucket …")).isHidden();
        page.navigate(root + "?view=buckets&bucket=guarded&key=tea.black");
        assertThat(button("Reload")).isVisible();
        assertThat(button("Edit")).isHidden();

        page.navigate("about:blank");
        given().auth().oauth2(manager).delete("/v1/buckets/guarded");
    }

    @Test
    void watchesOnlyTheKeyThatMayBeRead() {
        String manager = token(MANAGER);
        given().auth()
                .oauth2(manager)
                .contentType("application/json")
                .body("{}")
                .put("/v1/buckets/guarded");
        given().auth().oauth2(manager).body("1").put("/v1/buckets/guarded/keys/tea.green");
        signIn(Map.of("subscribe", allow("logs.>"), "read", allow("guarded.tea.green")));

        page.navigate(root + "?view=buckets&bucket=guarded&key=tea.green");

        assertThat(page.locator(".list")).containsText("Changes appear here as they come.");
        given().auth().oauth2(manager).body("2").put("/v1/buckets/guarded/keys/tea.green");
        assertThat(page.locator(".value .payload")).hasText("2");
        page.navigate("about:blank");
        given().auth().oauth2(manager).delete("/v1/buckets/guarded");
    }

    @Test
    void doesNotOfferToPublishWhatTheStreamDoesNotTake() {
        signIn(Map.of("consume", allow("ORDERS.*"), "subscribe", allow("orders.>"), "publish", allow("logs.>")));
        page.navigate(root + "?view=streams&stream=ORDERS");

        assertThat(page.locator("#page .heading").getByText("Tail")).isVisible();
        assertThat(page.locator("#page .heading").getByText("Publish")).isHidden();
    }

    @Test
    void doesNotOfferBucketsAndStoresToWhoMayNotCreateThem() {
        signIn(Map.of("read", allow(">"), "object-read", allow(">")));
        page.navigate(root + "?view=buckets");
        assertThat(page.locator("#page .loading")).hasCount(0);
        assertThat(button("New bucket …")).isHidden();
        page.navigate(root + "?view=objects");
        assertThat(page.locator("#page .loading")).hasCount(0);
        assertThat(button("New store …")).isHidden();
    }

    @Test
    void doesNotOfferToChangeTheObjectsThatMayOnlyBeRead() {
        String manager = token(MANAGER);
        given().auth()
                .oauth2(manager)
                .contentType("application/json")
                .body("{}")
                .put("/v1/object-stores/guarded");
        given().auth().oauth2(manager).body("1").put("/v1/object-stores/guarded/objects/tea.txt");
        signIn(Map.of("object-read", allow("guarded.>")));

        page.navigate(root + "?view=objects&store=guarded");
        assertThat(page.locator("#page .facts")).containsText("Storage");
        assertThat(page.locator("#page .upload")).isHidden();
        assertThat(button("Delete store …")).isHidden();
        page.navigate(root + "?view=objects&store=guarded&object=tea.txt");
        assertThat(page.locator("#page .actions").getByText("Download")).isVisible();
        assertThat(button("Delete …")).isHidden();

        page.navigate("about:blank");
        given().auth().oauth2(manager).delete("/v1/object-stores/guarded");
    }

    @Test
    void doesNotOfferToSettleADeadLetterThatMayOnlyBeRead() {
        signIn(Map.of("consume", allow("DEAD_LETTERS.*")));
        answer("**/v1/dead-letters/5", """
                                {"seq":5,"time":"2026-08-27T09:00:00Z","subject":"orders.created","reason":"This is not JSON",
                                 "stream":"ORDERS","stream_seq":1,"consumer":"order-processor","deliveries":1,"size":1,
                                 "headers":{},"data":"x"}""");
        page.navigate(root + "?view=dead-letters&seq=5");

        assertThat(page.locator("#page .reason")).isVisible();
        assertThat(button("Redrive")).isHidden();
        assertThat(button("Change and publish …")).isHidden();
        assertThat(button("Delete …")).isHidden();
    }

    @Test
    void asksForThePermissionsUntilTheyAreKnown() {
        signIn(Map.of("subscribe", allow("logs.>")));
        AtomicInteger asked = new AtomicInteger();
        page.route("**/v1/permissions", route -> {
            if (asked.incrementAndGet() <= 2) {
                route.abort();
            } else {
                route.resume();
            }
        });
        page.navigate(root.toString());

        assertThat(page.locator("nav a:visible")).hasText(new String[] {"Tail", "Health"});
        tab.expectComplaint("ERR_FAILED");
    }

    @Test
    void asksAgainAfterARequestWasForbidden() {
        signIn(MANAGER);
        page.navigate(root + "?view=streams&stream=ORDERS");
        tab.press("Purge …");
        page.locator("dialog [name=typed]").fill("ORDERS");
        signIn(Map.of("consume", allow("ORDERS.*"), "subscribe", allow("orders.>")));
        page.locator("dialog .danger").click();
        assertThat(page.locator("dialog [role=alert]")).isVisible();
        page.keyboard().press("Escape");

        assertThat(button("Purge …")).isHidden();
        tab.expectComplaint("403");
    }

    @Test
    void doesNotSendToASubjectThatIsNotAllowed() {
        signIn(Map.of("subscribe", allow("logs.>"), "publish", allow("logs.web.>")));
        page.navigate(root + "?view=publish&subject=orders.created");

        assertThat(button("Send")).isDisabled();
        assertThat(page.locator("#publish-forbidden")).hasText("You may not publish to orders.created.");
        page.locator("#page [name=subject]").fill("logs.web.info");
        assertThat(button("Send")).isEnabled();
        assertThat(page.locator("#publish-forbidden")).isHidden();
    }

    @Test
    void asksAgainWhenSomebodySignsIn() {
        signIn(Map.of("subscribe", allow("logs.>")));
        answer("**/session", "{\"renew_in\":1}");
        page.navigate(root.toString());
        assertThat(page.locator("nav a:visible")).hasCount(2);

        signIn(MANAGER);
        page.unroute("**/session");
        answer("**/session", "{\"name\":\"Ada\",\"renew_in\":60,\"sign_out\":\"session/sign-out\"}");

        assertThat(page.locator("nav a:visible")).hasCount(page.locator("nav a").count());
    }

    /** Answers requests of the page in place of the service. */
    private void answer(String address, String json) {
        page.route(
                address,
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody(json)));
    }

    private Locator button(String name) {
        return page.locator("#page button")
                .filter(new Locator.FilterOptions().setHasText(name))
                .first();
    }

    private void signIn(Map<String, Object> permissions) {
        tab.context().setExtraHTTPHeaders(Map.of("Authorization", "Bearer " + token(permissions)));
    }

    private String token(Map<String, Object> permissions) {
        return issuer.sign(TokenIssuer.claims().claim("sluice", permissions));
    }

    private static Map<String, List<String>> allow(String pattern) {
        return Map.of("allow", List.of(pattern));
    }
}
