package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.Http2Exchange;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.Timeouts;
import dev.sluice.support.TokenIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits of one caller. A request beyond a limit is rejected before it starts; other callers are not affected. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(
        value = SecuredResource.class,
        restrictToAnnotatedClass = true,
        initArgs = {
            @ResourceArg(name = "sluice.access.limits.open-requests", value = "4"),
            @ResourceArg(name = "sluice.access.limits.open-fetches", value = "2"),
            @ResourceArg(name = "sluice.access.limits.open-bulk-publishes", value = "2"),
            @ResourceArg(name = "sluice.access.limits.open-uploads", value = "2"),
            @ResourceArg(name = "sluice.access.limits.open-downloads", value = "2"),
            @ResourceArg(name = "sluice.access.limits.open-filters", value = "3")
        })
class CallerLimitsIT {
    private static final String CONSUMER = "/v1/streams/ORDERS/consumers/limited";
    private static final String TAIL = "GET /v1/events?subject=logs.web.>";
    private static final String FETCH = "POST " + CONSUMER + "/fetch";
    private static final String BULK = "POST /v1/publish";
    private static final String STORE = "/v1/object-stores/limited";
    private static final String UPLOAD = "PUT " + STORE + "/objects/a";
    private static final String WAITING = "{\"expires\":\"30s\"}";
    private static final String NOT_WAITING = "{\"no_wait\":true}";

    @SecuredResource.Issuer
    TokenIssuer issuer;

    @TestHTTPResource("/")
    URI root;

    private List<HttpExchange> open = List.of();

    @BeforeEach
    void createConsumer() {
        await("the service has declared its streams").atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(
                        statusOf(ask("operator", "PUT " + CONSUMER, "{\"filter_subjects\":[\"orders.none\"]}")))
                .isIn(200, 201));
    }

    @AfterEach
    void closeExchanges() {
        open.forEach(HttpExchange::close);
    }

    @Test
    void rejectsATailBeyondTheOpenRequests() {
        open = Stream.generate(() -> ask("watcher", TAIL, "").head()).limit(4).toList();
        assertThat(open).allMatch(tail -> tail.status() == 200);

        isRejected("open-requests", ask("watcher", TAIL, ""));
        assertThat(statusOf(ask("other watcher", TAIL, ""))).isEqualTo(200);
    }

    @Test
    void rejectsFiltersBeyondTheLimitAndCountsEqualFiltersOnce() {
        open = Stream.generate(
                        () -> ask("filterer", TAIL + "&match=a&match=b", "").head())
                .limit(2)
                .toList();
        assertThat(open).allMatch(tail -> tail.status() == 200);

        isRejected("open-filters", ask("filterer", TAIL + "&match=c&match=d", ""));
        assertThat(statusOf(ask("filterer", TAIL + "&match=c", ""))).isEqualTo(200);
        assertThat(statusOf(ask("other filterer", TAIL + "&match=c&match=d", "")))
                .isEqualTo(200);
    }

    @Test
    void releasesTheRequestOfAClientThatLeavesDuringAuthentication() {
        for (int i = 0; i < 20; i++) {
            ask("leaver", TAIL, "").close();
        }

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(statusOf(ask("leaver", TAIL, "")))
                .isEqualTo(200));
    }

    @Test
    void rejectsAFetchBeyondTheOpenFetchesAndServesOtherCallers() {
        open = Stream.generate(() -> ask("worker", FETCH, WAITING)).limit(2).toList();

        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> isRejected("open-fetches", ask("worker", FETCH, NOT_WAITING)));
        assertThat(statusOf(ask("other worker", FETCH, NOT_WAITING))).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?atomic=true"})
    void rejectsABulkPublishBeyondTheOpenOnesAndServesOtherCallers(String atomic) {
        String caller = "publisher" + atomic;
        open = Stream.generate(() -> publish(caller, BULK + atomic)).limit(2).toList();

        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() ->
                        isRejected("open-bulk-publishes", publish(caller, BULK).chunk("")));
        assertThat(statusOf(publish(caller, BULK + "?ack=none").chunk(""))).isEqualTo(200);
        assertThat(statusOf(publish("other " + caller, BULK).chunk(""))).isEqualTo(200);
    }

    @Test
    void rejectsAnUploadBeyondTheOpenOnesAndServesOtherCallers() {
        assertThat(statusOf(ask("operator", "PUT " + STORE, "{\"storage\":\"memory\"}")))
                .isEqualTo(201);
        open = Stream.generate(() -> publish("uploader", UPLOAD)).limit(2).toList();

        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() ->
                        isRejected("open-uploads", publish("uploader", UPLOAD).chunk("")));
        assertThat(statusOf(publish("other uploader", UPLOAD).chunk(""))).isEqualTo(201);
        statusOf(ask("operator", "DELETE " + STORE, ""));
    }

    /** Its response is ended at once, but the client has taken nothing of it. */
    @Test
    void countsADownloadUntilItsClientHasTakenIt() {
        assertThat(statusOf(ask("operator", "PUT " + STORE, "{\"storage\":\"memory\"}")))
                .isEqualTo(201);
        assertThat(statusOf(publish("storer", UPLOAD).chunk("x".repeat(50_000)).chunk("")))
                .isEqualTo(201);
        String token = token("reader");
        List<Http2Exchange> slow =
                Stream.generate(() -> download(token).head()).limit(2).toList();

        isRejected("open-downloads", ask("reader", "GET " + STORE + "/objects/a", ""));
        slow.forEach(Http2Exchange::close);
        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(statusOf(ask("reader", "GET " + STORE + "/objects/a", "")))
                        .isEqualTo(200));
        statusOf(ask("operator", "DELETE " + STORE, ""));
    }

    private Http2Exchange download(String token) {
        return new Http2Exchange(root.getPort(), 0, false)
                .request("GET", STORE + "/objects/a", true, "Authorization", "Bearer " + token);
    }

    private static void isRejected(String limit, HttpExchange exchange) {
        try (exchange) {
            assertThat(exchange.head().status()).isEqualTo(429);
            assertThat(exchange.header("Retry-After")).isEqualTo("2");
            assertThat(exchange.body()).contains("/problems/overloaded", limit);
        }
    }

    private static int statusOf(HttpExchange exchange) {
        try (exchange) {
            return exchange.head().status();
        }
    }

    /** Begins a request whose body does not end. */
    private HttpExchange publish(String caller, String line) {
        String token = issuer.sign(TokenIssuer.claims("web")
                .subject(caller)
                .claim("sluice", Map.of("object-write", Map.of("allow", List.of("limited.>")))));
        return new HttpExchange(root.getPort())
                .send(line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
                        + "Transfer-Encoding: chunked\r\nAuthorization: Bearer " + token + "\r\n\r\n");
    }

    private String token(String caller) {
        Map<String, List<String>> all = Map.of("allow", List.of("ORDERS.*", "OBJ_limited.*"));
        Map<String, List<String>> objects = Map.of("allow", List.of("limited.>"));
        return issuer.sign(TokenIssuer.claims("web")
                .subject(caller)
                .claim("sluice", Map.of("consume", all, "administer", all, "object-read", objects)));
    }

    private HttpExchange ask(String caller, String line, String body) {
        return new HttpExchange(root.getPort())
                .send(line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length() + "\r\nAuthorization: Bearer " + token(caller) + "\r\n\r\n" + body);
    }
}
