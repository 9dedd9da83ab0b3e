package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.NatsSpy;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.TokenIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.jwt.build.JwtClaimsBuilder;
import io.vertx.ext.web.Router;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Calls every endpoint with every kind of token. A rejected request publishes nothing to NATS. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@WithTestResource(SecuredResource.class)
class AccessMatrixIT {
    static final List<Endpoint> ENDPOINTS = List.of(
            Endpoint.of(
                    "POST /v1/publish/{subject:.+}",
                    "/v1/publish/matrix.{x}?ack=none",
                    "{x}",
                    "publish",
                    "matrix.*",
                    202),
            Endpoint.ofEverybody("POST /v1/tickets", "/v1/tickets"),
            Endpoint.ofEverybody("GET /v1/permissions", "/v1/permissions"),
            Endpoint.ofLines(
                    "POST /v1/publish",
                    "/v1/publish?ack=none",
                    "{\"subject\":\"matrix.{x}\",\"data\":\"\"}",
                    "publish",
                    "matrix.*"),
            Endpoint.of(
                    "POST /v1/request/{subject:.+}",
                    "/v1/request/matrix.{x}?timeout=100ms",
                    "{x}",
                    "request",
                    "matrix.*",
                    504),
            Endpoint.of(
                    "GET /v1/streams/{stream}/messages/{seq}",
                    "/v1/streams/ORDERS/messages/99999999",
                    "",
                    "consume",
                    "ORDERS.*",
                    404),
            Endpoint.of(
                    "GET /v1/streams/{stream}/messages",
                    "/v1/streams/ORDERS/messages?subject=matrix.{x}",
                    "",
                    "subscribe",
                    "matrix.*",
                    200),
            Endpoint.of("GET /v1/streams/{stream}", "/v1/streams/ORDERS", "", "consume", "ORDERS.one", 200),
            Endpoint.of(
                    "GET /v1/streams/{stream}/consumers",
                    "/v1/streams/ORDERS/consumers",
                    "",
                    "administer",
                    "ORDERS.one",
                    200),
            Endpoint.of(
                    "GET /v1/streams/{stream}/consumers/{consumer}",
                    "/v1/streams/ORDERS/consumers/{x}",
                    "",
                    "consume",
                    "ORDERS.*",
                    404),
            Endpoint.of(
                    "PUT /v1/streams/{stream}/consumers/{consumer}",
                    "/v1/streams/ORDERS/consumers/{x}",
                    "{\"filter_subjects\":[\"orders.unused\"]}",
                    "administer",
                    "ORDERS.*",
                    201),
            Endpoint.of(
                    "DELETE /v1/streams/{stream}/consumers/{consumer}",
                    "/v1/streams/ORDERS/consumers/{x}",
                    "",
                    "administer",
                    "ORDERS.*",
                    404),
            Endpoint.of(
                    "POST /v1/streams/{stream}/consumers/{consumer}/fetch",
                    "/v1/streams/ORDERS/consumers/{x}/fetch",
                    "{\"no_wait\":true}",
                    "consume",
                    "ORDERS.*",
                    404),
            Endpoint.of(
                    "POST /v1/streams/{stream}/consumers/{consumer}/ack",
                    "/v1/streams/ORDERS/consumers/{x}/ack",
                    "{\"acks\":[\"{x}\"]}",
                    "consume",
                    "ORDERS.*",
                    200),
            Endpoint.of(
                    "POST /v1/streams/{stream}/consumers/{consumer}/pause",
                    "/v1/streams/ORDERS/consumers/{x}/pause",
                    "{\"until\":\"2030-01-01T00:00:00Z\"}",
                    "administer",
                    "ORDERS.*",
                    404),
            Endpoint.of(
                    "POST /v1/streams/{stream}/consumers/{consumer}/resume",
                    "/v1/streams/ORDERS/consumers/{x}/resume",
                    "",
                    "administer",
                    "ORDERS.*",
                    404),
            Endpoint.of(
                    "POST /v1/streams/{stream}/consumers/{consumer}/reset",
                    "/v1/streams/ORDERS/consumers/{x}/reset",
                    "{}",
                    "administer",
                    "ORDERS.*",
                    404),
            Endpoint.of("GET /v1/buckets/{bucket}", "/v1/buckets/{x}", "", "read", "*.a", 404),
            Endpoint.of("PUT /v1/buckets/{bucket}", "/v1/buckets/{x}", "{\"history\":2}", "administer", "*.*", 201),
            Endpoint.of("DELETE /v1/buckets/{bucket}", "/v1/buckets/no{x}", "", "administer", "*.*", 404),
            Endpoint.of(
                    "GET /v1/buckets/{bucket}/keys", "/v1/buckets/no{x}/keys?filter=a.%3E", "", "read", "*.a.b", 404),
            Endpoint.of(
                    "GET /v1/buckets/{bucket}/keys/{key:.+}", "/v1/buckets/no{x}/keys/a/{x}", "", "read", "*.*", 404),
            Endpoint.of(
                    "PUT /v1/buckets/{bucket}/keys/{key:.+}", "/v1/buckets/no{x}/keys/a/{x}", "1", "write", "*.*", 404),
            Endpoint.of(
                    "DELETE /v1/buckets/{bucket}/keys/{key:.+}",
                    "/v1/buckets/no{x}/keys/a/{x}",
                    "",
                    "write",
                    "*.*",
                    404),
            Endpoint.of(
                    "GET /v1/buckets/{bucket}/history/{key:.+}", "/v1/buckets/no{x}/history/a", "", "read", "*.a", 404),
            Endpoint.of(
                    "GET /v1/buckets/:bucket/events",
                    "/v1/buckets/no{x}/events?key=a.%3E&key=b",
                    "",
                    Map.of("read", Map.of("allow", List.of("*.a.>", "*.b"))),
                    404),
            Endpoint.ofEverybody("GET /v1/buckets", "/v1/buckets"),
            Endpoint.of("GET /v1/object-stores/{store}", "/v1/object-stores/{x}", "", "object-read", "*.a", 404),
            Endpoint.of("PUT /v1/object-stores/{store}", "/v1/object-stores/{x}", "{}", "administer", "*.*", 201),
            Endpoint.of("DELETE /v1/object-stores/{store}", "/v1/object-stores/no{x}", "", "administer", "*.*", 404),
            Endpoint.ofEverybody("GET /v1/object-stores", "/v1/object-stores"),
            Endpoint.of(
                    "GET /v1/object-stores/:store/events",
                    "/v1/object-stores/no{x}/events?name=a.b&name=c",
                    "",
                    Map.of("object-read", Map.of("allow", List.of("*.a.b", "*.c"))),
                    404),
            Endpoint.of(
                    "GET /v1/object-stores/{store}/objects",
                    "/v1/object-stores/no{x}/objects",
                    "",
                    "object-read",
                    "*.a.b",
                    404),
            Endpoint.of(
                    "GET /v1/object-stores/{store}/objects/{name:.+}",
                    "/v1/object-stores/no{x}/objects/a/{x}",
                    "",
                    "object-read",
                    "*.*",
                    404),
            Endpoint.of(
                    "PUT /v1/object-stores/{store}/objects/{name:.+}",
                    "/v1/object-stores/no{x}/objects/a/{x}",
                    "1",
                    "object-write",
                    "*.*",
                    404),
            Endpoint.of(
                    "DELETE /v1/object-stores/{store}/objects/{name:.+}",
                    "/v1/object-stores/no{x}/objects/a/{x}",
                    "",
                    "object-write",
                    "*.*",
                    404),
            Endpoint.ofEverybody("GET /v1/streams", "/v1/streams"),
            Endpoint.of("GET /v1/events", "/v1/events?subject=matrix.{x}", "", "subscribe", "matrix.*", 200),
            Endpoint.of(
                    "POST /v1/orders",
                    "/v1/orders",
                    "{\"order_id\":\"{x}\",\"amount\":1}",
                    "publish",
                    "orders.created",
                    201),
            Endpoint.of("GET /v1/orders/{orderId}", "/v1/orders/{x}", "", "subscribe", "orders.status.*", 404),
            Endpoint.of(
                    "GET /v1/orders/:orderId/events", "/v1/orders/{x}/events", "", "subscribe", "orders.status.*", 404),
            Endpoint.of(
                    "PUT /v1/prices/{productId}", "/v1/prices/{x}", "{\"price\":1}", "publish", "pricing.set.*", 204),
            Endpoint.of("GET /v1/prices/{productId}", "/v1/prices/{x}", "", "request", "pricing.lookup", 404),
            Endpoint.of("GET /v1/dead-letters", "/v1/dead-letters?stream={x}", "", "consume", "DEAD_LETTERS.*", 200),
            Endpoint.of("GET /v1/dead-letters/{seq}", "/v1/dead-letters/9999", "", "consume", "DEAD_LETTERS.*", 404),
            Endpoint.of(
                    "POST /v1/dead-letters/{seq}/redrive",
                    "/v1/dead-letters/9999/redrive",
                    "",
                    "administer",
                    "DEAD_LETTERS.*",
                    404),
            Endpoint.of(
                    "DELETE /v1/dead-letters/{seq}", "/v1/dead-letters/9999", "", "administer", "DEAD_LETTERS.*", 404),
            Endpoint.of("PUT /v1/streams/{stream}", "/v1/streams/MATRIX_{x}", "{}", "administer", "*.*", 400),
            Endpoint.of("DELETE /v1/streams/{stream}", "/v1/streams/MATRIX_{x}", "", "administer", "*.*", 404),
            Endpoint.of(
                    "POST /v1/streams/{stream}/purge", "/v1/streams/MATRIX_{x}/purge", "{}", "administer", "*.*", 404),
            Endpoint.of(
                    "DELETE /v1/streams/{stream}/messages/{seq}",
                    "/v1/streams/MATRIX_{x}/messages/1",
                    "",
                    "administer",
                    "*.*",
                    404));

    @NatsServerResource.Server
    NatsServer server;

    @SecuredResource.Issuer
    TokenIssuer issuer;

    @TestHTTPResource("/")
    URI root;

    @Inject
    Router router;

    private final HttpClient http = HttpClient.newHttpClient();
    private final String word = "x" + UUID.randomUUID().toString().substring(0, 8);
    private NatsSpy spy;

    @BeforeEach
    void listen() {
        spy = new NatsSpy(server);
    }

    @AfterEach
    void leave() {
        spy.close();
    }

    @Test
    void coversEveryRoute() {
        Set<String> known = ENDPOINTS.stream().map(Endpoint::route).collect(Collectors.toSet());

        assertThat(Routes.declared(router)).containsExactlyInAnyOrderElementsOf(known);
    }

    @ParameterizedTest
    @FieldSource("ENDPOINTS")
    void rejectsARequestWithoutAToken(Endpoint endpoint) {
        HttpResponse<?> answer = ask(endpoint, null);

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"sluice\"");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        nothingWasPublished();
    }

    @ParameterizedTest
    @FieldSource("ENDPOINTS")
    void rejectsAnExpiredToken(Endpoint endpoint) {
        rejects(
                endpoint,
                issuer.sign(right(endpoint)
                        .issuedAt(Instant.now().minusSeconds(600))
                        .expiresAt(Instant.now().minusSeconds(120))));
    }

    @ParameterizedTest
    @FieldSource("ENDPOINTS")
    @Tag("slow")
    void rejectsATokenForAnotherAudience(Endpoint endpoint) {
        rejects(endpoint, issuer.sign(right(endpoint).audience("another")));
    }

    @ParameterizedTest
    @FieldSource("ENDPOINTS")
    @Tag("slow")
    void rejectsATokenOfAnotherIssuer(Endpoint endpoint) {
        rejects(endpoint, issuer.sign(right(endpoint).issuer("https://another.example")));
    }

    @ParameterizedTest
    @FieldSource("ENDPOINTS")
    @Tag("slow")
    void rejectsATokenOfAnotherKey(Endpoint endpoint) {
        rejects(endpoint, issuer.signWithAnotherKey(right(endpoint)));
    }

    @ParameterizedTest
    @FieldSource("ENDPOINTS")
    @Tag("slow")
    void rejectsAnUnsignedToken(Endpoint endpoint) {
        String signed = issuer.sign(right(endpoint));
        String header =
                "{\"typ\":\"JWT\",\"alg\":\"none\",\"kid\":\"" + issuer.key().getKeyId() + "\"}";

        String unsigned =
                Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(StandardCharsets.UTF_8))
                        + signed.substring(signed.indexOf('.'), signed.lastIndexOf('.') + 1);

        rejects(endpoint, unsigned);
    }

    @ParameterizedTest
    @FieldSource("ENDPOINTS")
    @Tag("slow")
    void rejectsATokenSignedWithThePublicKeyAsASecret(Endpoint endpoint) {
        byte[] publicKey = issuer.key().getRsaPublicKey().getEncoded();

        rejects(
                endpoint,
                right(endpoint).jws().keyId(issuer.key().getKeyId()).sign(new SecretKeySpec(publicKey, "HmacSHA256")));
    }

    @ParameterizedTest
    @FieldSource("ENDPOINTS")
    void rejectsRequestsThatTheTokenDoesNotPermit(Endpoint endpoint) {
        String token = issuer.sign(TokenIssuer.claims().claim("sluice", Endpoint.others()));

        assertThat(ask(endpoint, token).statusCode()).isEqualTo(endpoint.refused());
        nothingWasPublished();
    }

    @ParameterizedTest
    @FieldSource("ENDPOINTS")
    void acceptsRequestsThatTheTokenPermits(Endpoint endpoint) {
        String token = issuer.sign(right(endpoint));

        assertThat(ask(endpoint, token).statusCode()).isEqualTo(endpoint.allowed());
    }

    private void rejects(Endpoint endpoint, String token) {
        HttpResponse<?> answer = ask(endpoint, token);

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate"))
                .hasValueSatisfying(challenge -> assertThat(challenge).contains("error=\"invalid_token\""));
        nothingWasPublished();
    }

    /** Messages of one connection arrive in order, so the fence arrives after all earlier messages. */
    private void nothingWasPublished() {
        String fence = "fence." + UUID.randomUUID();
        String token = issuer.sign(
                TokenIssuer.claims().claim("sluice", Map.of("publish", Map.of("allow", List.of("fence.*")))));
        Endpoint open = Endpoint.of("POST /", "/v1/publish/" + fence + "?ack=none", "", "publish", "fence.*", 202);

        assertThat(ask(open, token).statusCode()).isEqualTo(202);

        assertThat(spy.heardUntil(fence)).noneMatch(message -> message.contains(word));
    }

    private JwtClaimsBuilder right(Endpoint endpoint) {
        return TokenIssuer.claims().claim("sluice", endpoint.grants());
    }

    private HttpResponse<?> ask(Endpoint endpoint, String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(root.resolve(endpoint.target(word)))
                .method(endpoint.method(), HttpRequest.BodyPublishers.ofString(endpoint.body(word)))
                .header("Content-Type", endpoint.type());
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            HttpResponse<InputStream> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            answer.body().close();
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
