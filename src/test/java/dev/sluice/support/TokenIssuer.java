package dev.sluice.support;

import com.sun.net.httpserver.HttpServer;
import io.smallrye.jwt.build.Jwt;
import io.smallrye.jwt.build.JwtClaimsBuilder;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.lang.JoseException;

/**
 * Issues tokens and publishes its key: an issuer with discovery and a JWKS endpoint, which can rotate the key and can be
 * stopped.
 */
public final class TokenIssuer implements AutoCloseable {
    public static final String ISSUER = "https://issuer.example";
    public static final String AUDIENCE = "sluice";
    /** A token that is not a JWT. The issuer knows it, and describes it as one of a caller with the scope {@code web}. */
    public static final String OPAQUE = "opaque";

    private static final Pattern TOKEN_OF_A_FORM = Pattern.compile("(?:^|&)token=([^&]*)");
    private static final String INACTIVE = "{\"active\":false}";
    private static final AtomicInteger KEYS = new AtomicInteger();

    private final int port = FreePorts.next();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger introspected = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private volatile boolean unavailable;
    private final Map<String, String> descriptions = new ConcurrentHashMap<>();
    private HttpServer server;
    private volatile RsaJsonWebKey key = newKey();

    public TokenIssuer() {
        describe(OPAQUE, Map.of("iss", ISSUER, "aud", AUDIENCE));
        start();
    }

    /** Returns the address that {@code quarkus.oidc.auth-server-url} needs. */
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Returns the number of requests for the keys. */
    public int asked() {
        return asked.get();
    }

    /** Returns the number of requests for the description of a token. */
    public int introspected() {
        return introspected.get();
    }

    /**
     * Describes {@code token} as an active one of a caller with the scope {@code web}. A token without a description is not
     * active.
     */
    public void describe(String token, Map<String, Object> claims) {
        JsonObject description = new JsonObject()
                .put("active", true)
                .put("sub", "somebody")
                .put("scope", "web")
                .put("exp", Instant.now().plusSeconds(300).getEpochSecond());
        claims.forEach(description::put);
        descriptions.put(token, description.encode());
    }

    /** Removes the description of a token. */
    public void revoke(String token) {
        descriptions.remove(token);
    }

    /** Returns a token for a caller with these roles, valid for five minutes. */
    public String token(String... roles) {
        return sign(claims(roles));
    }

    /** Returns a token that permits {@code allowed}, patterns by verb, except {@code denied}. */
    public String permitting(Map<String, List<String>> allowed, List<String> denied) {
        Map<String, Map<String, List<String>>> grants = new TreeMap<>();
        allowed.forEach((verb, patterns) -> grants.put(verb, Map.of("allow", patterns, "deny", denied)));
        return sign(claims().claim("sluice", grants));
    }

    /** Returns the claims that {@link #token} signs. */
    public static JwtClaimsBuilder claims(String... roles) {
        return Jwt.issuer(ISSUER)
                .audience(AUDIENCE)
                .subject("somebody")
                .groups(Set.of(roles))
                .expiresAt(Instant.now().plus(Duration.ofMinutes(5)));
    }

    public String sign(JwtClaimsBuilder claims) {
        return sign(claims, key);
    }

    /** Signs with an unpublished key that has the ID of the published one. */
    public String signWithAnotherKey(JwtClaimsBuilder claims) {
        RsaJsonWebKey stranger = newKey();
        stranger.setKeyId(key.getKeyId());
        return sign(claims, stranger);
    }

    /** Signs with an unpublished key that has an unknown ID. */
    public String signWithAnUnknownKey(JwtClaimsBuilder claims) {
        return sign(claims, newKey());
    }

    public RsaJsonWebKey key() {
        return key;
    }

    /** Replaces the key. The old key is no longer published. */
    public void rotate() {
        key = newKey();
    }

    /** Answers every request with 503 from now on, or no longer. */
    public void unavailable(boolean now) {
        unavailable = now;
    }

    /** Returns the number of requests that were answered with 503. */
    public int refused() {
        return refused.get();
    }

    public void stop() {
        server.stop(0);
    }

    public void start() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String metadata = "{\"issuer\":\"" + ISSUER + "\",\"jwks_uri\":\"" + url() + "/keys\",\"token_endpoint\":\""
                + url() + "/token\"}";
        serve("/.well-known/openid-configuration", body -> metadata);
        serve("/introspect", this::describe);
        serve("/keys", body -> {
            asked.incrementAndGet();
            return new JsonWebKeySet(key).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
        });
        server.start();
    }

    /** Answers the introspection of {@code token} with an HTTP error, until it is described. */
    public void fail(String token) {
        descriptions.put(token, "");
    }

    private String describe(String form) {
        introspected.incrementAndGet();
        Matcher token = TOKEN_OF_A_FORM.matcher(form);
        return token.find() ? descriptions.getOrDefault(token.group(1), INACTIVE) : INACTIVE;
    }

    private void serve(String path, UnaryOperator<String> answer) {
        server.createContext(path, exchange -> {
            if (unavailable) {
                refused.incrementAndGet();
                exchange.sendResponseHeaders(503, -1);
                exchange.close();
                return;
            }
            String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8) + "&";
            byte[] body = answer.apply(asked).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(body.length == 0 ? 500 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    @Override
    public void close() {
        stop();
    }

    private static String sign(JwtClaimsBuilder claims, RsaJsonWebKey key) {
        return claims.jws().keyId(key.getKeyId()).sign(key.getPrivateKey());
    }

    private static RsaJsonWebKey newKey() {
        try {
            RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
            key.setKeyId("key-" + KEYS.incrementAndGet());
            key.setAlgorithm("RS256");
            key.setUse("sig");
            return key;
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }
}
