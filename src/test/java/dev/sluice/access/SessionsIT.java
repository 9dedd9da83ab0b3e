package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketDefinition;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.TestBuckets;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import io.quarkus.oidc.SecurityEvent;
import io.quarkus.oidc.runtime.OidcConfig;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several replicas that share the bucket of sessions. */
class SessionsIT {
    private static final String ISSUER = "https://id.example/realms/main";
    private static final Instant END = Instant.parse("2100-01-01T00:00:00Z");

    private final NatsServer server = NatsServer.started();
    private final TestBuckets buckets = new TestBuckets(server);
    private final Sessions first = replica();
    private final Sessions second = replica();
    private Bucket recorded;

    @BeforeEach
    void start() {
        recorded = buckets.declared(new BucketDefinition("sluice_sessions", 1, Duration.ofHours(24), 1, 64L << 20));
        first.start(new StartupEvent());
        second.start(new StartupEvent());
    }

    @AfterEach
    void close() {
        first.stop(new ShutdownEvent());
        second.stop(new ShutdownEvent());
        buckets.close();
        server.close();
    }

    @Test
    void aSessionEndsAtEveryReplica() {
        first.end(logout("s"));

        assertThat(first.ended(id("s"))).isTrue();
        await().until(() -> second.ended(id("s")));
        assertThat(second.ended(id("another"))).isFalse();
    }

    @Test
    void aSessionEndsAtAReplicaThatStartsLater() {
        first.end(logout("s"));
        await().until(() -> second.ended(id("s")));
        Sessions later = replica();
        later.start(new StartupEvent());

        await().until(() -> later.ended(id("s")));
        later.stop(new ShutdownEvent());
    }

    @Test
    void aLateRenewalDoesNotOverwriteTheEnd() {
        first.end(logout("s"));
        await().until(() -> second.ended(id("s")));
        Sessions uninformed = replica();
        uninformed.renewed(renewal("s"));
        uninformed.renewed(renewal("another"));
        await().until(() -> value("another").equals(Long.toString(END.getEpochSecond())));

        assertThat(value("s")).isEqualTo("0");
    }

    @Test
    void anEntryOfAnotherClientDoesNotEndTheWatch() {
        TestBuckets.await(recorded.put(new BucketKey("foreign"), "no time".getBytes(StandardCharsets.US_ASCII)));
        first.end(logout("s"));

        await().until(() -> second.ended(id("s")));
    }

    private String value(String session) {
        return TestBuckets.await(recorded.latest(new BucketKey(id(session))))
                .map(entry -> new String(entry.value(), StandardCharsets.US_ASCII))
                .orElse("");
    }

    private Sessions replica() {
        AccessConfig access = Settings.of(
                AccessConfig.class,
                Map.of(
                        "sluice.access.mode",
                        "secured",
                        "sluice.access.token-secret",
                        "0123456789012345678901234567890123",
                        "sluice.access.ticket-replicas",
                        "1"));
        OidcConfig oidc = Settings.of(
                OidcConfig.class,
                Map.of(
                        "quarkus.oidc.auth-server-url", ISSUER,
                        "quarkus.oidc.token.audience", "sluice",
                        "quarkus.oidc.application-type", "hybrid",
                        "quarkus.oidc.client-id", "page",
                        "quarkus.oidc.logout.backchannel.path", "/session/back-channel-logout"));
        return new Sessions(
                new OidcTenants(access, oidc, () -> new TokenSecret(access, LaunchMode.TEST), "/"),
                buckets.buckets(),
                access);
    }

    private static JsonObject logout(String session) {
        return new JsonObject().put("iss", ISSUER).put("sid", session);
    }

    private static String id(String session) {
        return Sessions.id(new Token(session));
    }

    private static SecurityEvent renewal(String session) {
        return new SecurityEvent(
                SecurityEvent.Type.OIDC_SESSION_REFRESHED,
                QuarkusSecurityIdentity.builder()
                        .setPrincipal(new Token(session))
                        .build());
    }

    /** The ID token of a session. */
    private record Token(String session) implements JsonWebToken {
        @Override
        public String getName() {
            return "alice";
        }

        @Override
        public Set<String> getClaimNames() {
            return Set.of("iss", "sid", "exp");
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        public <T> T getClaim(String name) {
            return (T) Map.<String, Object>of("iss", ISSUER, "sid", session, "exp", END.getEpochSecond())
                    .get(name);
        }
    }
}
