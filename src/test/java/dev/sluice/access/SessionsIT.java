package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketDefinition;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.TestBuckets;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import io.quarkus.oidc.SecurityEvent;
import io.quarkus.oidc.runtime.OidcConfig;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.security.identity.SecurityIdentity;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several instances that share the bucket of sessions. */
class SessionsIT {
    private static final String ISSUER = "https://id.example/realms/main";
    private static final String USER = "alice";
    private static final long ISSUED = 1_000;
    private static final Instant END = Instant.parse("2100-01-01T00:00:00Z");

    private final NatsServer server = NatsServer.started();
    private final TestBuckets buckets = new TestBuckets(server);
    private final Sessions first = instance();
    private final Sessions second = instance();
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
    void aSessionEndsAtEveryInstance() {
        first.end(logout("s"));

        assertThat(first.ended(session("s"))).isTrue();
        await().until(() -> second.ended(session("s")));
        assertThat(second.ended(session("another"))).isFalse();
    }

    @Test
    void aCallerIsNotValidAfterItsSessionHasEnded() {
        Caller caller = new Caller(
                new Identity(USER, USER, Set.of(), "", END.getEpochSecond(), session("s")), Permissions.EVERYTHING);
        first.requireValid(caller);

        first.end(logout("s"));

        assertThatThrownBy(() -> first.requireValid(caller))
                .isInstanceOfSatisfying(SluiceException.class, refusal -> assertThat(refusal.failure())
                        .isEqualTo(Failure.UNAUTHENTICATED));
    }

    @Test
    void aCallerIsValidAsLongAsItsSessionIsRenewed() {
        Caller caller = new Caller(
                new Identity(USER, USER, Set.of(), "", Instant.EPOCH.getEpochSecond(), session("s")),
                Permissions.EVERYTHING);
        assertThatThrownBy(() -> first.requireValidOrRenewed(caller).await().atMost(Timeouts.LIMIT))
                .isInstanceOfSatisfying(SluiceException.class, refusal -> assertThat(refusal.failure())
                        .isEqualTo(Failure.UNAUTHENTICATED));

        second.observe(renewal("s"));
        await().until(() -> value("s").equals(Long.toString(END.getEpochSecond())));

        first.requireValidOrRenewed(caller).await().atMost(Timeouts.LIMIT);
    }

    @Test
    void aSessionEndsAtAnInstanceThatStartsLater() {
        first.end(logout("s"));
        await().until(() -> second.ended(session("s")));
        Sessions later = instance();
        later.start(new StartupEvent());

        await().until(() -> later.ended(session("s")));
        later.stop(new ShutdownEvent());
    }

    @ParameterizedTest
    @CsvSource({"alice, 1000, true", "alice, 1001, true", "alice, 999, false", "bob, 1000, false"})
    void theSessionsOfAUserEndThatBeganBeforeItsLogout(String user, long logout, boolean ended) {
        first.end(logoutOf(user, logout));
        first.end(logout("another"));
        await().until(() -> second.ended(session("another")));

        assertThat(first.ended(session("s"))).isEqualTo(ended);
        assertThat(second.ended(session("s"))).isEqualTo(ended);
    }

    @Test
    void aSessionEndsWhenItsUserSignsOut() {
        first.end(identity(new Token("s", ISSUED)));

        assertThat(first.ended(session("s"))).isTrue();
        await().until(() -> second.ended(session("s")));
        assertThat(second.ended(session("another"))).isFalse();
    }

    @Test
    void aSessionEndsWhenItsUserSignsOutAtTheIssuerToo() {
        first.observe(new SecurityEvent(SecurityEvent.Type.OIDC_LOGOUT_RP_INITIATED, identity(new Token("s", ISSUED))));

        assertThat(first.ended(session("s"))).isTrue();
    }

    /** An issuer that has not ended its session signs the user in again under the same session id. */
    @Test
    void aUserCanSignInAgainAfterSigningOut() {
        Token again = new Token("s", ISSUED + 1);
        first.end(identity(new Token("s", ISSUED)));
        await().until(() -> second.ended(session("s")));

        assertThat(first.ended(Session.of(again))).isFalse();
        assertThat(second.ended(Session.of(again))).isFalse();
        second.observe(new SecurityEvent(SecurityEvent.Type.OIDC_SESSION_REFRESHED, identity(again)));
        await().until(() -> value("s").equals(Long.toString(END.getEpochSecond())));
    }

    @Test
    void aLogoutTokenThatArrivesLateBringsNoSessionBack() {
        first.end(logoutOf(USER, ISSUED));
        first.end(logoutOf(USER, ISSUED - 1));

        assertThat(first.ended(session("s"))).isTrue();
    }

    @Test
    void aLogoutTokenNamesASessionOrAUser() {
        assertThat(SessionEnd.of(new JsonObject().put("iss", ISSUER))).isEmpty();
    }

    @Test
    void aRenewalAfterSigningInAgainDoesNotBringTheEarlierSessionBack() {
        Token again = new Token("s", ISSUED + 1);
        first.end(identity(new Token("s", ISSUED)));
        await().until(() -> second.ended(session("s")));
        second.observe(new SecurityEvent(SecurityEvent.Type.OIDC_SESSION_REFRESHED, identity(again)));
        await().until(() -> value("s").equals(Long.toString(END.getEpochSecond())));
        Sessions later = instance();
        later.start(new StartupEvent());

        await().until(() -> later.ended(session("s")));
        assertThat(later.ended(Session.of(again))).isFalse();
        later.stop(new ShutdownEvent());
    }

    @Test
    void aSessionThatHasEndedIsNotRenewed() {
        first.end(logout("s"));
        await().until(() -> second.ended(session("s")));
        Sessions uninformed = instance();
        uninformed.observe(renewal("s"));
        uninformed.observe(renewal("another"));
        await().until(() -> value("another").equals(Long.toString(END.getEpochSecond())));

        assertThat(value("s")).isEmpty();
    }

    @Test
    void anEntryOfAnotherClientDoesNotEndTheWatch() {
        TestBuckets.await(recorded.put(new BucketKey("foreign"), "no time".getBytes(StandardCharsets.US_ASCII)));
        first.end(logout("s"));

        await().until(() -> second.ended(session("s")));
    }

    private String value(String session) {
        return TestBuckets.await(recorded.latest(new BucketKey(session(session).key())))
                .map(entry -> new String(entry.value(), StandardCharsets.US_ASCII))
                .orElse("");
    }

    private Sessions instance() {
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
                        "quarkus.oidc.client-id", "page"));
        return new Sessions(
                new OidcTenants(access, oidc, () -> new TokenSecret(access, LaunchMode.TEST), "/"),
                buckets.buckets(),
                access);
    }

    private static SessionEnd logout(String session) {
        return SessionEnd.of(
                        new JsonObject().put("iss", ISSUER).put("sid", session).put("sub", USER))
                .orElseThrow();
    }

    private static SessionEnd logoutOf(String user, long issued) {
        return SessionEnd.of(
                        new JsonObject().put("iss", ISSUER).put("sub", user).put("iat", issued))
                .orElseThrow();
    }

    private static Session session(String id) {
        return Session.of(new Token(id, ISSUED));
    }

    private static SecurityEvent renewal(String session) {
        return new SecurityEvent(SecurityEvent.Type.OIDC_SESSION_REFRESHED, identity(new Token(session, ISSUED)));
    }

    private static SecurityIdentity identity(Token token) {
        return QuarkusSecurityIdentity.builder().setPrincipal(token).build();
    }

    /** The ID token of a session. */
    private record Token(String session, long issued) implements JsonWebToken {
        @Override
        public String getName() {
            return "alice";
        }

        @Override
        public Set<String> getClaimNames() {
            return Set.of("iss", "sid", "sub", "iat", "exp");
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        public <T> T getClaim(String name) {
            return (T) Map.<String, Object>of(
                            "iss", ISSUER, "sid", session, "sub", USER, "iat", issued, "exp", END.getEpochSecond())
                    .get(name);
        }
    }
}
