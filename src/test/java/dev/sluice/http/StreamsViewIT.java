package dev.sluice.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.sluice.support.BrowserExtension;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Tab;
import dev.sluice.support.TestStreams;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.net.URL;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person sees of streams and does to them, in a real browser. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class StreamsViewIT {
    private static final String STREAM = "SHOWN";
    private static final String CONSUMER = "/v1/streams/" + STREAM + "/consumers/reader";

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
        streams.create(STREAM, "shown.>");
        streams.store("shown.x", 1, 11);
    }

    @AfterEach
    void leave() {
        page.navigate("about:blank");
        streams.delete(STREAM);
        streams.close();
    }

    @Test
    void listsStreamsWithWhatTheyHold() {
        page.navigate(root + "?view=streams");

        assertThat(row()).containsText("shown.>");
        assertThat(row().locator("[data-heading=Messages]")).hasText("10");
        assertThat(row().locator("[data-heading=Last]")).hasText("10");
        assertThat(row().locator("[data-heading=Storage]")).hasText("file");
    }

    @Test
    void tellsHowFastAStreamGrows() {
        page.clock().install();
        page.navigate(root + "?view=streams");
        assertThat(row().locator("[data-heading=Messages]")).hasText("10");

        streams.store("shown.x", 11, 31);
        page.clock().fastForward(2_000);

        assertThat(row().locator("[data-heading=Messages]")).hasText("30");
        assertThat(row().locator("[data-heading='Messages/s']")).not().hasText("–");
        assertThat(row().locator("[data-heading='Messages/s']")).not().hasText("0");
        assertThat(row().getByRole(AriaRole.IMG))
                .hasAccessibleName(Pattern.compile("Messages per second of SHOWN .*, at most [1-9].*"));
        assertThat(row().locator("time-plot canvas")).isVisible();
    }

    @Test
    void keepsTheFocusAndTheSelectionWhenItReadsAgain() {
        page.clock().install();
        page.navigate(root + "?view=streams&stream=" + STREAM);
        page.locator("summary").getByText("Configuration").click();
        page.locator("summary").getByText("Configuration").focus();
        page.evaluate("getSelection().selectAllChildren(document.querySelector('.facts dd'))");

        streams.store("shown.x", 11, 31);
        page.clock().fastForward(2_000);
        assertThat(page.locator(".facts")).containsText("Messages30");

        assertThat(page.locator("summary").getByText("Configuration")).isFocused();
        assertThat(page.evaluate("String(getSelection())")).isEqualTo("shown.>");
    }

    @Test
    void keepsTheFocusInTheListWhenItReadsAgain() {
        page.clock().install();
        page.navigate(root + "?view=streams");
        row().locator("a").focus();

        streams.store("shown.x", 11, 31);
        page.clock().fastForward(2_000);
        assertThat(row().locator("[data-heading=Messages]")).hasText("30");

        assertThat(row().locator("a")).isFocused();
    }

    @Test
    void plotsTheGrowthOfOneStreamWithItsValues() {
        page.clock().install();
        page.navigate(root + "?view=streams&stream=" + STREAM);
        assertThat(page.locator(".facts")).containsText("Messages10");
        streams.store("shown.x", 11, 31);
        page.clock().fastForward(2_000);
        assertThat(page.locator(".facts")).containsText("Messages30");

        Locator plot = page.getByRole(AriaRole.IMG);
        assertThat(plot).hasAccessibleName(Pattern.compile("Messages per second of SHOWN in the last 5 minutes, .*"));
        plot.locator(".u-over").hover();
        assertThat(plot.locator(".u-legend")).containsText(Pattern.compile("messages/s[1-9]"));
        tab.violatesNothing();
    }

    @Test
    void findsAStreamByItsSubject() {
        page.navigate(root + "?view=streams");
        assertThat(row()).isVisible();

        page.keyboard().press("/");
        page.keyboard().type("shown.");

        assertThat(page.locator("tbody tr")).hasCount(1);
    }

    @Test
    void reportsThatAConsumerIsBehindAndThenThatNobodyFetches() {
        consumer("{}");
        page.clock().install();
        page.navigate(root + "?view=streams&stream=" + STREAM);
        assertThat(page.locator("tbody .state")).hasText("behind");
        assertThat(page.locator("tbody [data-heading=Pending]")).hasText("10");

        page.clock().fastForward(40_000);

        assertThat(page.locator("tbody .state")).hasText("unread");
    }

    @Test
    void countsTheMessagesThatWereDeliveredAgain() {
        consumer("{}");
        List<String> tokens = fetch().path("messages.ack_token");
        given().contentType("application/json")
                .body(Map.of("naks", List.of(Map.of("token", tokens.get(0)), Map.of("token", tokens.get(1)))))
                .post(CONSUMER + "/ack")
                .then()
                .statusCode(200)
                .body("naked", equalTo(2));
        fetch();

        page.navigate(root + "?view=streams&stream=" + STREAM);

        assertThat(page.locator("tbody [data-heading='Redelivered']")).hasText("2");
    }

    @Test
    void reportsThatAConsumerIsStuck() {
        consumer("{}");
        fetch();
        page.clock().install();
        page.navigate(root + "?view=streams&stream=" + STREAM);
        assertThat(page.locator("tbody [data-heading='Ack pending']")).hasText("3");

        page.clock().fastForward(40_000);

        assertThat(page.locator("tbody .state")).hasText("stuck");
    }

    @Test
    void marksAStreamWhoseConsumerIsStuck() {
        consumer("{}");
        fetch();
        page.clock().install();
        page.navigate(root + "?view=streams");
        assertThat(row()).isVisible();
        page.waitForResponse("**/SHOWN/consumers*", () -> page.clock().fastForward(10_000));

        page.clock().fastForward(40_000);

        assertThat(row().locator("[data-heading=Consumers] .state")).hasText("stuck");
    }

    /** The clock of the page stands still, so that nothing is read again. */
    @Test
    void examinesTheConsumersOfTheListAtOnce() {
        consumer("{}");
        page.clock().install();
        page.clock().pauseAt(System.currentTimeMillis() + 3_600_000);

        page.waitForResponse("**/SHOWN/consumers*", () -> page.navigate(root + "?view=streams"));
    }

    @Test
    void plotsWhatIsPendingForAConsumer() {
        consumer("{}");
        page.navigate(root + "?view=streams&stream=" + STREAM);

        assertThat(page.locator("tbody").getByRole(AriaRole.IMG))
                .hasAccessibleName(Pattern.compile("Messages that were pending for .*, at most 10"));
    }

    @Test
    void reportsThatAConsumerIsFull() {
        consumer("{\"max_ack_pending\":3}");
        fetch();
        page.navigate(root + "?view=streams&stream=" + STREAM);

        assertThat(page.locator("tbody .state")).hasText("full");
        assertThat(page.locator("[data-heading=State]"))
                .containsText("3 messages wait for an ack, more are not delivered");
    }

    @Test
    void reportsThatAConsumerIsPaused() {
        consumer("{}");
        int status = given().contentType("application/json")
                .body("{\"until\":\"2099-01-01T00:00:00Z\"}")
                .post(CONSUMER + "/pause")
                .statusCode();
        assumeTrue(status != 501, "a pause needs nats-server 2.11");
        page.navigate(root + "?view=streams&stream=" + STREAM);

        assertThat(page.locator("tbody .state")).hasText("paused");
    }

    @Test
    void saysThatThereAreMoreStreamsThanItShows() {
        String stream = given().get("/v1/streams/" + STREAM).asString();
        page.route(
                "**/v1/streams*",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("{\"streams\":[" + stream + "],\"next_offset\":256}")));
        page.navigate(root + "?view=streams");

        assertThat(page.locator("#page")).containsText("Only the first 8 streams are shown.");
    }

    @Test
    void tellsTheResultOfAPurgeThatCannotBeCancelled() {
        List<Route> held = new CopyOnWriteArrayList<>();
        page.route("**/purge", held::add);
        page.navigate(root + "?view=streams&stream=" + STREAM);
        tab.press("Purge …");
        page.locator("dialog [name=typed]").fill(STREAM);
        page.keyboard().press("Enter");
        page.waitForCondition(() -> held.size() == 1);
        tab.press("Cancel");
        assertThat(page.locator("dialog [role=status]")).containsText("Waiting for the answer");

        held.get(0).resume();

        assertThat(page.locator("#page .told")).hasText("10 messages removed.");
        assertThat(page.locator("dialog.ask")).hasCount(0);
    }

    @Test
    void purgesAStreamWhoseNameWasTyped() {
        page.navigate(root + "?view=streams&stream=" + STREAM);
        tab.press("Purge …");
        assertThat(page.locator("dialog .danger")).isDisabled();
        page.locator("dialog [name=keep]").fill("3");
        page.locator("dialog [name=typed]").fill(STREAM);
        page.keyboard().press("Enter");

        assertThat(page.locator("#page .told")).hasText("7 messages removed.");
        assertThat(page.locator(".facts")).containsText("Messages3");
    }

    @Test
    void deletesAStreamWhoseNameWasTyped() {
        page.navigate(root + "?view=streams&stream=" + STREAM);
        tab.press("Delete …");
        page.locator("dialog [name=typed]").fill("SHOW");
        assertThat(page.locator("dialog .danger")).isDisabled();
        page.locator("dialog [name=typed]").fill(STREAM);
        page.locator("dialog .danger").click();

        assertThat(page).hasURL(root + "?view=streams");
        assertThat(row()).hasCount(0);
        tab.expectComplaint("404"); // a reading that was under way
    }

    @Test
    void keepsTheDialogWithTheReasonOfARefusal() {
        given().contentType("application/json")
                .body("{\"subjects\":[\"guarded.>\"],\"deny_purge\":true}")
                .put("/v1/streams/GUARDED")
                .then()
                .statusCode(201);
        page.navigate(root + "?view=streams&stream=GUARDED");
        tab.press("Purge …");
        page.locator("dialog [name=typed]").fill("GUARDED");
        page.locator("dialog .danger").click();

        assertThat(page.locator("dialog [role=alert]")).containsText("Conflict");
        tab.violatesNothing();
        tab.expectComplaint("409");
        page.navigate("about:blank");
        streams.delete("GUARDED");
    }

    @Test
    void saysPlainlyThatAStreamIsNotThere() {
        List<String> asked = new CopyOnWriteArrayList<>();
        page.onRequest(request -> asked.add(request.url()));
        page.navigate(root + "?view=streams&stream=NOBODY");

        assertThat(page.locator("#page [role=alert]")).containsText("Stream not found");
        assertThat(asked).noneMatch(url -> url.contains("/consumers"));
        tab.expectComplaint("404");
    }

    @Test
    void tailsAStreamByALink() {
        page.navigate(root + "?view=streams&stream=" + STREAM);
        page.locator(".heading").getByText("Tail").click();

        assertThat(page.locator("#events [role=option]")).hasCount(10);
        assertThat(page.locator("#subject")).hasValue("shown.>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"workqueue", "interest"})
    void readsAStreamThatKeepsMessagesForItsConsumersAndTakesNothing(String retention) {
        given().contentType("application/json")
                .body("{\"subjects\":[\"queue.>\"],\"retention\":\"" + retention + "\"}")
                .put("/v1/streams/QUEUE")
                .then()
                .statusCode(201);
        given().contentType("application/json").body("{}").put("/v1/streams/QUEUE/consumers/worker");
        streams.store("queue.x", 1, 301);
        page.navigate(root + "?view=streams&stream=QUEUE");
        page.locator(".heading").getByText("Tail").click();
        assertThat(page.locator("#counts")).containsText("100 messages");
        assertThat(page.locator("#position")).hasText("at 300 of 300 in QUEUE · up to date");

        streams.store("queue.x", "one more");
        assertThat(page.locator("#events")).containsText("one more");
        page.keyboard().press("Home");
        assertThat(page.locator("#told")).hasText("200 older messages");

        given().get("/v1/streams/QUEUE").then().body("state.messages", equalTo(301));
        given().get("/v1/streams/QUEUE/consumers/worker").then().body("state.pending", equalTo(301));
        page.navigate("about:blank");
        streams.delete("QUEUE");
    }

    @Test
    void offersOnlyTheStartsThatAStreamHas() {
        queue();
        streams.store("queue.x", 1, 11);
        page.navigate(root + "?subject=queue.>&stream=QUEUE&from=last");
        assertThat(page.locator("#events [role=option]")).hasCount(1);

        assertThat(page.locator("#begin option[value='from=last-per-subject']")).hasAttribute("disabled", "");
        page.navigate("about:blank");
        streams.delete("QUEUE");
    }

    /** The clock of the page stands still, so that it does not read between the two streams. */
    @Test
    void saysThatAQueueWasCreatedAgain() {
        queue();
        streams.store("queue.x", 1, 11);
        page.clock().install();
        page.navigate(root + "?subject=queue.>&stream=QUEUE&from=all");
        assertThat(page.locator("#events [role=option]")).hasCount(10);
        page.waitForResponse("**/messages?**", () -> page.clock().pauseAt(System.currentTimeMillis() + 3_600_000));

        streams.delete("QUEUE");
        queue();
        streams.store("queue.x", "of the new one");
        await().until(() -> {
            page.clock().runFor(1_000);
            return page.locator("#events").textContent().contains("of the new one");
        });

        assertThat(page.locator("#events")).containsText("The stream was created again");
        page.navigate("about:blank");
        streams.delete("QUEUE");
        tab.expectComplaint("404"); // a reading of the newest sequence between the two streams
    }

    /** Fetches three messages, which nobody acks. */
    private static Response fetch() {
        Response response = given().contentType("application/json")
                .body("{\"batch\":3,\"expires\":\"1s\"}")
                .post(CONSUMER + "/fetch");
        response.then().statusCode(200);
        return response;
    }

    private static void queue() {
        given().contentType("application/json")
                .body("{\"subjects\":[\"queue.>\"],\"retention\":\"workqueue\"}")
                .put("/v1/streams/QUEUE")
                .then()
                .statusCode(201);
    }

    private static void consumer(String settings) {
        given().contentType("application/json")
                .body(settings)
                .put(CONSUMER)
                .then()
                .statusCode(201);
    }

    private Locator row() {
        return page.locator("tbody tr").filter(new Locator.FilterOptions().setHasText(STREAM));
    }
}
