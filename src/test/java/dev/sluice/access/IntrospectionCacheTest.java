package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.Settings;
import io.quarkus.oidc.OidcRequestContext;
import io.quarkus.oidc.OidcTenantConfig;
import io.quarkus.oidc.TokenIntrospection;
import io.quarkus.oidc.TokenIntrospectionCache;
import io.quarkus.security.AuthenticationFailedException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IntrospectionCacheTest {
    private static final int PER_SECOND = 10;
    private static final OidcTenantConfig TENANT =
            OidcTenantConfig.builder().tenantId("Default").build();

    private final TestTime time = new TestTime();
    private final RejectionCounters rejections = new RejectionCounters();
    private final IntrospectionCache introspections = new IntrospectionCache(
            new Answers(),
            Settings.of(LimitsConfig.class, Map.of("sluice.access.limits.introspections-per-second", "" + PER_SECOND)),
            rejections,
            time);

    @Test
    void asksAtMostSoOftenPerSecond() {
        int asked = 0;
        for (int i = 0; i < 1_000; i++) {
            try {
                ask("invented-" + i);
                asked++;
            } catch (SluiceException limited) {
                assertThat(limited.failure()).isEqualTo(Failure.OVERLOADED);
            }
        }

        assertThat(asked).isEqualTo(PER_SECOND);
        assertThat(rejections.count(AccessLimit.INTROSPECTIONS_PER_SECOND)).isEqualTo(1_000 - PER_SECOND);

        time.forward(Duration.ofSeconds(1));
        assertThat(ask("invented")).isNull();
    }

    @Test
    void doesNotAskAboutAKnownToken() {
        TokenIntrospection answer = new TokenIntrospection("{\"active\":true}");
        introspections.addIntrospection("known", answer, TENANT, null).await().indefinitely();

        for (int i = 0; i < 2 * PER_SECOND; i++) {
            assertThat(ask("known")).isSameAs(answer);
        }
    }

    @Test
    void remembersARefusedTokenForSomeSeconds() {
        introspections.refuse("refused");

        assertThatThrownBy(() -> ask("refused")).isInstanceOf(AuthenticationFailedException.class);
        time.forward(Duration.ofSeconds(3));
        introspections.refuse("refused");
        time.forward(Duration.ofSeconds(3));
        assertThat(ask("refused")).isNull();
    }

    private TokenIntrospection ask(String token) {
        return introspections.getIntrospection(token, TENANT, null).await().indefinitely();
    }

    /** Answers without an end. */
    private static final class Answers implements TokenIntrospectionCache {
        private final Map<String, TokenIntrospection> known = new HashMap<>();

        @Override
        public Uni<Void> addIntrospection(
                String token, TokenIntrospection answer, OidcTenantConfig tenant, OidcRequestContext<Void> context) {
            known.put(token, answer);
            return Uni.createFrom().voidItem();
        }

        @Override
        public Uni<TokenIntrospection> getIntrospection(
                String token, OidcTenantConfig tenant, OidcRequestContext<TokenIntrospection> context) {
            return Uni.createFrom().item(known.get(token));
        }
    }
}
