package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.events.TailService;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.SseClient;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import dev.sluice.support.TokenIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Permissions of roles, and credentials that a browser may send instead of a header. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@WithTestResource(SecuredResource.class)
class SecuredServiceIT {
    @SecuredResource.Issuer
    TokenIssuer issuer;

    @TestHTTPResource("/")
    URI root;

    @NatsServerResource.Server
    NatsServer server;

    @Inject
    TailService tails;

    private TestStreams streams;

    @BeforeEach
    void connect() {
        streams = new TestStreams(server);
    }

    @AfterEach
    void awaitEndOfTails() {
        streams.close();
        Awaitility.await().atMost(Timeouts.LIMIT).until(() -> tails.count() == 0);
    }

    @ParameterizedTest
    @CsvSource({
        "logs.web.info, 202",
        "logs.web.a.b, 202",
        "logs%2Eweb.info, 202",
        "logs.web, 403",
        "logs.website.info, 403",
        "LOGS.web.info, 403",
        "l%D0%BEgs.web.info, 403",
        "logs.%D1%95ecret, 403",
        "logs%252Eweb.info, 403",
        "logs.web%252E%252E.x, 403",
        "logs.web/../../orders.created, 400",
        "logs.web.%3E, 400",
        "logs.web.*, 400",
        "logs.web.a%00b, 400",
        "logs.web.a%0D%0APUB%20x, 400",
        "logs.web.a%20b, 400",
        "logs.web..x, 400",
        "logs.web.%E2%80%AEx, 400",
        "logs.web.%C0%AE, 400",
        "$JS.API.INFO, 403",
        "%24JS.API.INFO, 403",
        "_INBOX.x, 403",
        "%5FINBOX.x, 403"
    })
    void noSpellingOfASubjectEvadesThePermissions(String subject, int status) {
        assertThat(ask("POST /v1/publish/" + subject + "?ack=none", bearer("web")))
                .isEqualTo(status);
    }

    @Test
    void rejectsAnOverlongSubject() {
        assertThat(ask("POST /v1/publish/logs.web." + "a".repeat(1100) + "?ack=none", bearer("web")))
                .isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "web, logs.web.>, 200",
        "web, logs.web.*, 200",
        "web, logs.>, 403",
        "web, logs.*.info, 403",
        "web, >, 403",
        "web, logs.web, 403",
        "web, logs.web.>&subject=other, 403",
        "reader, open.>, 200",
        "reader, secret.a, 403",
        "reader, >, 403",
        "reader, *.a, 403",
        "reader, secret, 200",
        "nobody, logs.web.>, 403"
    })
    void opensATailOnlyIfEveryMatchingSubjectIsPermitted(String role, String subjects, int status) {
        assertThat(ask("GET /v1/events?subject=" + subjects, bearer(role))).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"all\"",
                "{\"publish\":[\"a\"]}",
                "{\"publish\":{\"allow\":\"a\"}}",
                "{\"publish\":{\"allow\":[1]}}",
                "{\"publish\":{\"allow\":[\"a..b\"]}}",
                "{\"publish\":{\"allow\":[\"$JS.>\"]}}",
                "{\"publish\":{\"except\":[\"a\"]}}",
                "{\"shout\":{\"allow\":[\"a\"]}}"
            })
    void rejectsATokenWithInvalidPermissions(String claim) throws Exception {
        Object value = new ObjectMapper().readValue(claim, Object.class);
        String token = issuer.sign(
                value instanceof Map<?, ?> map
                        ? TokenIssuer.claims("web").claim("sluice", map)
                        : TokenIssuer.claims("web").claim("sluice", value));

        assertThat(ask("POST /v1/publish/logs.web.info?ack=none", "Authorization: Bearer " + token))
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"core", "stream"})
    void endsATailWhenItsTokenExpires(String source) {
        streams.create("WEB", "logs.web.>");
        String token = issuer.sign(
                TokenIssuer.claims("web").expiresAt(Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.SECONDS)));
        Instant opened = Instant.now();

        try (HttpExchange exchange =
                sent("GET /v1/events?subject=logs.web.>&source=" + source, "Authorization: Bearer " + token)) {
            SseClient client = SseClient.of(exchange);
            assertThat(exchange.header("Sluice-Source")).startsWith(source);
            assertThat(client.await("closed").data()).isEqualTo("{\"reason\":\"forbidden\"}");
            assertThat(Duration.between(opened, Instant.now()).toMillis()).isCloseTo(3_000L, within(2_500L));
        } finally {
            streams.delete("WEB");
        }
    }

    @Test
    void acceptsTheCookieFromItsOwnOrigin() {
        String own = "http://localhost:" + root.getPort();

        assertThat(ask("GET /v1/events?subject=logs.web.>", cookie())).isEqualTo(200);
        assertThat(ask("POST /v1/publish/logs.web.info?ack=none", cookie() + "\r\nOrigin: " + own))
                .isEqualTo(202);
    }

    @ParameterizedTest
    @ValueSource(strings = {"X: y", "Origin: https://evil.example", "Origin: null", "Origin: http://localhost:1"})
    void rejectsTheCookieFromAnotherOriginForAChange(String header) {
        assertThat(ask("POST /v1/publish/logs.web.info?ack=none", cookie() + "\r\n" + header))
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Origin: https://evil.example", "Sec-Fetch-Site: cross-site"})
    void rejectsTheCookieFromAnotherOriginForATail(String header) {
        assertThat(ask("GET /v1/events?subject=logs.web.>&queue=workers", cookie() + "\r\n" + header))
                .isEqualTo(403);
    }

    @Test
    void prefersTheHeaderToTheCookie() {
        assertThat(ask("POST /v1/publish/logs.web.info?ack=none", bearer("web") + "\r\nCookie: __Host-sluice=stale"))
                .isEqualTo(202);
    }

    @Test
    void acceptsATokenThatExpiresInTheFarFuture() {
        String token = issuer.sign(TokenIssuer.claims("web").expiresAt(100_000_000_000_000_000L));

        assertThat(ask("GET /v1/events?subject=logs.web.>", "Authorization: Bearer " + token))
                .isEqualTo(200);
    }

    @Test
    void rejectsARequestWithTwoTokens() {
        assertThat(ask("POST /v1/publish/logs.web.info?ack=none", bearer("web") + "\r\n" + bearer("all")))
                .isEqualTo(400);
    }

    @Test
    void rejectsARequestWithTwoHosts() {
        assertThat(ask("POST /v1/publish/logs.web.info?ack=none", bearer("web") + "\r\nHost: elsewhere"))
                .isEqualTo(400);
    }

    @Test
    void opensOneTailWithATicket() {
        String ticket = ticket(bearer("web"));

        assertThat(askForTail("GET", ticket)).isEqualTo(200);
        assertThat(askForTail("GET", ticket)).isEqualTo(401);
    }

    @Test
    void aTicketHasThePermissionsOfItsCaller() {
        assertThat(ask("GET /v1/events?subject=logs.>&ticket=" + ticket(bearer("web")), "X: y"))
                .isEqualTo(403);
    }

    @Test
    void acceptsATicketOnlyForEvents() {
        String ticket = ticket(bearer("all"));

        assertThat(ask("POST /v1/publish/a.b?ack=none&ticket=" + ticket, "X: y"))
                .isEqualTo(401);
    }

    @Test
    void aHeadDoesNotUseATicketUp() {
        String ticket = ticket(bearer("web"));

        assertThat(askForTail("HEAD", ticket)).isEqualTo(401);
        assertThat(askForTail("GET", ticket)).isEqualTo(200);
    }

    @Test
    void issuesNoTicketWithoutAToken() {
        assertThat(ask("POST /v1/tickets", "X: y")).isEqualTo(401);
    }

    @Test
    void rejectsATokenAsATicket() {
        assertThat(ask("GET /v1/events?subject=logs.web.>&ticket=" + issuer.token("web"), "X: y"))
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"access_token", "token", "jwt", "authorization"})
    void rejectsATokenInTheQuery(String parameter) {
        assertThat(ask("GET /v1/events?subject=logs.web.>&" + parameter + "=" + issuer.token("web"), bearer("web")))
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//v1/publish/logs.web.info",
                "/%76%31/publish/logs.web.info",
                "/v1%2Fpublish%2Flogs.web.info",
                "/V1/publish/logs.web.info",
                "/x/../v1/publish/logs.web.info",
                "/v1;a=b/publish/logs.web.info",
                "/v1%3Ba=b/publish/logs.web.info",
                "/v1/publish%3Ba=b/logs.web.info",
                "/v1%5Cpublish%5Clogs.web.info",
                "/./v1/publish/logs.web.info",
                "http://localhost/v1/publish/logs.web.info"
            })
    void noSpellingOfAPathEvadesAuthentication(String path) {
        assertThat(ask("POST " + path + "?ack=none", "X: y")).isIn(400, 401, 404, 405);
    }

    @Test
    void servesThePageAndHealthWithoutAToken() {
        assertThat(ask("GET /", "X: y")).isEqualTo(200);
        assertThat(ask("GET /q/health/live", "Authorization: Bearer stale")).isEqualTo(200);
    }

    private String bearer(String role) {
        return "Authorization: Bearer " + issuer.token(role);
    }

    private String cookie() {
        return "Cookie: a=b; __Host-sluice=" + issuer.token("web");
    }

    private String ticket(String header) {
        try (HttpExchange exchange = sent("POST /v1/tickets", header)) {
            String answer = exchange.head().body();
            assertThat(exchange.header("Cache-Control")).isEqualTo("no-store");
            assertThat(answer).contains("\"expires_in\":30");
            return answer.replaceAll(".*\"ticket\":\"([^\"]+)\".*", "$1");
        }
    }

    private int askForTail(String method, String ticket) {
        return ask(method + " /v1/events?subject=logs.web.>&ticket=" + ticket, "X: y");
    }

    private int ask(String line, String headers) {
        try (HttpExchange exchange = sent(line, headers)) {
            return exchange.head().status();
        }
    }

    private HttpExchange sent(String line, String headers) {
        return new HttpExchange(root.getPort())
                .send(line + " HTTP/1.1\r\nHost: localhost:" + root.getPort() + "\r\nContent-Length: 0\r\n" + headers
                        + "\r\n\r\n");
    }
}
