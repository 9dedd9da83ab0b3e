package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Certificates;
import dev.sluice.support.EdgeResource;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.TokenIssuer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.ObjectStoreConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Edge behavior of the service: TLS, origins, response headers for browsers, and HTTP limits. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = SecuredResource.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(
        value = EdgeResource.class,
        restrictToAnnotatedClass = true,
        initArgs = {
            @ResourceArg(name = "quarkus.http.cors.headers", value = "Authorization,Range,If-Match,If-None-Match"),
            @ResourceArg(
                    name = "quarkus.http.cors.exposed-headers",
                    value = "ETag,Content-Range,Accept-Ranges,Repr-Digest")
        })
class EdgeIT {
    private static final String VALUE = "/v1/buckets/shelf/keys/tea";
    private static final String OBJECT = "/v1/object-stores/shelf/objects/tea";

    @NatsServerResource.Server
    NatsServer server;

    @SecuredResource.Issuer
    TokenIssuer issuer;

    @TestHTTPResource("/")
    URI plain;

    @TestHTTPResource(value = "/", tls = true)
    URI secure;

    Path trusting;

    private HttpClient http;

    @BeforeEach
    void trust() throws Exception {
        KeyStore authorities = KeyStore.getInstance(trusting.toFile(), Certificates.PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authorities);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        http = HttpClient.newBuilder().sslContext(tls).build();
    }

    @Test
    void supportsHttp2OverTls() throws Exception {
        HttpResponse<String> answer = publish("logs.web.info", "X", "y");

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
    }

    @Test
    void allowsOnlyTheConfiguredOrigin() throws Exception {
        HttpResponse<String> named = publish("logs.web.info", "Origin", EdgeResource.ORIGIN);
        assertThat(named.statusCode()).isEqualTo(202);
        assertThat(named.headers().firstValue("Access-Control-Allow-Origin")).hasValue(EdgeResource.ORIGIN);

        HttpResponse<String> other = publish("logs.web.info", "Origin", "https://evil.example");
        assertThat(other.statusCode()).isEqualTo(403);
        assertThat(other.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {VALUE, OBJECT})
    void permitsAPageToReadStateConditionallyAndInPart(String path) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(secure.resolve(path))
                        .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                        .header("Origin", EdgeResource.ORIGIN)
                        .header("Access-Control-Request-Method", "GET")
                        .header("Access-Control-Request-Headers", "authorization,if-match,range")
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).hasValue(EdgeResource.ORIGIN);
        assertThat(answer.headers().firstValue("Access-Control-Allow-Methods"))
                .hasValueSatisfying(methods -> assertThat(methods).contains("GET"));
        assertThat(answer.headers().firstValue("Access-Control-Allow-Headers"))
                .hasValueSatisfying(headers ->
                        assertThat(headers.toLowerCase(Locale.ROOT)).contains("authorization", "if-match", "range"));
    }

    @ParameterizedTest
    @CsvSource({VALUE + ", 200, ETag", OBJECT + ", 206, ETag", OBJECT + ", 206, Content-Range"})
    void showsAPageTheHeadersOfState(String path, int status, String header) throws Exception {
        try (Connection nats = Nats.connect(server.url())) {
            nats.keyValueManagement()
                    .create(KeyValueConfiguration.builder().name("shelf").build());
            nats.keyValue("shelf").put("tea", "green");
            nats.objectStoreManagement()
                    .create(ObjectStoreConfiguration.builder("shelf").build());
            nats.objectStore("shelf").put("tea", "green".getBytes(StandardCharsets.UTF_8));

            String token =
                    issuer.permitting(Map.of("read", List.of("shelf.>"), "object-read", List.of("shelf.>")), List.of());
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(secure.resolve(path))
                            .header("Origin", EdgeResource.ORIGIN)
                            .header("Authorization", "Bearer " + token)
                            .header("Range", "bytes=0-1")
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(status);
            assertThat(answer.headers().firstValue(header)).isPresent();
            assertThat(answer.headers().firstValue("Access-Control-Expose-Headers"))
                    .hasValueSatisfying(
                            exposed -> assertThat(exposed.split(",\\s*")).contains(header));
            nats.keyValueManagement().delete("shelf");
            nats.objectStoreManagement().delete("shelf");
        }
    }

    @Test
    void sendsSecurityHeadersToBrowsers() throws Exception {
        HttpResponse<String> page =
                http.send(HttpRequest.newBuilder(secure).build(), HttpResponse.BodyHandlers.ofString());

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().allValues("Content-Security-Policy"))
                .containsExactly("default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none';"
                        + " require-trusted-types-for 'script'; trusted-types lit-html");
        assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(page.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
        assertThat(page.headers().firstValue("X-Frame-Options")).hasValue("DENY");
    }

    @Test
    void rejectsACallerAboveItsRateWithRetryAfter() {
        String token = issuer.sign(TokenIssuer.claims("web").subject("impatient"));

        for (int i = 0; i < 1_000; i++) {
            try (HttpExchange exchange =
                    ask("POST /v1/publish/logs.web.info?ack=none", "Authorization: Bearer " + token)) {
                if (exchange.head().status() == 429) {
                    assertThat(exchange.header("Retry-After")).isEqualTo("2");
                    assertThat(exchange.body()).contains("/problems/overloaded", "requests-per-second");
                    return;
                }
                assertThat(exchange.status()).isEqualTo(202);
            }
        }
        throw new AssertionError("1,000 requests passed a limit of 50 a second");
    }

    @Test
    void readsABulkPublishAtTheRateOfItsCaller() {
        String token = issuer.sign(TokenIssuer.claims("web").subject("wordy"));
        int lines = 400;
        String body = ("{\"subject\":\"logs.web.info\",\"data\":\"" + "x".repeat(1_000) + "\"}\n").repeat(lines);
        long before = System.nanoTime();

        try (HttpExchange exchange = new HttpExchange(plain.getPort())) {
            exchange.send("POST /v1/publish?ack=none HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length()
                            + "\r\nContent-Type: application/x-ndjson\r\nAuthorization: Bearer " + token + "\r\n\r\n"
                            + body)
                    .head();

            assertThat(exchange.status()).isEqualTo(200);
            assertThat(exchange.body().lines()).hasSize(lines).allMatch(receipt -> receipt.contains("202"));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @CsvSource({"8000, 401, unauthenticated", "17000, 431, headers-too-large", "60000, 431, headers-too-large"})
    void limitsTheHeaders(int length, int status, String problem) {
        try (HttpExchange exchange = ask("POST /v1/publish/a.b?ack=none", "X: " + "x".repeat(length))) {
            isProblem(exchange, status, problem);
        }
    }

    @ParameterizedTest
    @CsvSource({"7000, 401, unauthenticated", "9000, 414, uri-too-long", "60000, 414, uri-too-long"})
    void limitsTheLengthOfTheUri(int length, int status, String problem) {
        try (HttpExchange exchange = ask("GET /v1/events?subject=" + "x".repeat(length), "X: y")) {
            isProblem(exchange, status, problem);
        }
    }

    @Test
    void limitsTheLengthOfAnyUri() {
        try (HttpExchange exchange = ask("GET /" + "x".repeat(9_000), "X: y")) {
            isProblem(exchange, 414, "uri-too-long");
        }
    }

    @Test
    void servesTheNextRequestAfterAnOversizedOne() {
        try (HttpExchange exchange = ask("GET /v1/events?subject=" + "x".repeat(9_000), "X: y")) {
            isProblem(exchange, 414, "uri-too-long");

            exchange.send("GET /problems/uri-too-long HTTP/1.1\r\nHost: localhost\r\n\r\n");

            assertThat(exchange.head().status()).isEqualTo(200);
        }
    }

    @Test
    void limitsTheHeadersOfHttp2() throws Exception {
        HttpResponse<String> answer = publish("logs.web.info", "X", "x".repeat(17_000));

        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.statusCode()).isEqualTo(431);
        assertThat(answer.body()).contains("/problems/headers-too-large");
    }

    /** The HTTP server rejects these before a route receives the request. */
    @ParameterizedTest
    @CsvSource({"70000, 1, 414", "1, 70000, 431"})
    void theHttpServerRejectsAHeadFarAboveTheLimit(int address, int header, int status) {
        try (HttpExchange exchange = ask("GET /" + "x".repeat(address), "X: " + "x".repeat(header))) {
            assertThat(exchange.head().status()).isEqualTo(status);
            assertThat(exchange.body()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\u00ff\u00fe\u0001\r\n\r\n", "hello\r\n\r\n", "GET / HTTP/1.1\r\nno header\r\n: x\r\n\r\n"})
    void theHttpServerRejectsBytesThatAreNotHttp(String bytes) {
        try (HttpExchange exchange = new HttpExchange(plain.getPort()).send(bytes)) {
            assertThat(exchange.head().status()).isEqualTo(400);
            assertThat(exchange.body()).isEmpty();
        }
    }

    private static void isProblem(HttpExchange exchange, int status, String problem) {
        assertThat(exchange.head().status()).isEqualTo(status);
        assertThat(exchange.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(exchange.body()).contains("\"/problems/" + problem + "\"", "\"status\":" + status);
    }

    private HttpExchange ask(String line, String header) {
        return new HttpExchange(plain.getPort())
                .send(line + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n" + header + "\r\n\r\n");
    }

    private HttpResponse<String> publish(String subject, String header, String value) throws Exception {
        URI target = secure.resolve("/v1/publish/" + subject + "?ack=none");
        return http.send(
                HttpRequest.newBuilder(target)
                        .header("Authorization", "Bearer " + issuer.token("web"))
                        .header(header, value)
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
