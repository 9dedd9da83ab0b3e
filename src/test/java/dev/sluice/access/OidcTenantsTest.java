package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.Settings;
import io.quarkus.oidc.Oidc;
import io.quarkus.oidc.OidcTenantConfig;
import io.quarkus.oidc.runtime.OidcConfig;
import io.quarkus.oidc.runtime.OidcTenantConfig.Authentication.CookieSameSite;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OidcTenantsTest {
    private static final Map<String, String> ISSUER = Map.of(
            "quarkus.oidc.auth-server-url", "https://id.example/realms/main",
            "quarkus.oidc.token.audience", "sluice");
    private static final Map<String, String> PAGE = Map.of(
            "quarkus.oidc.auth-server-url", "https://id.example/realms/main",
            "quarkus.oidc.token.audience", "sluice",
            "quarkus.oidc.application-type", "hybrid",
            "quarkus.oidc.client-id", "page");

    @Test
    void disablesEveryTenantInOpenMode() {
        assertThat(completed("open", ISSUER).values()).isNotEmpty().noneMatch(OidcTenantConfig::tenantEnabled);
    }

    @Test
    void needsAnIssuerInSecuredMode() {
        assertThatThrownBy(() -> completed("secured", Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("QUARKUS_OIDC_AUTH_SERVER_URL");
    }

    @Test
    void disablesTheDefaultTenantIfOnlyOthersHaveAnIssuer() {
        Map<String, OidcTenantConfig> tenants = completed(
                "secured",
                Map.of(
                        "quarkus.oidc.partner.auth-server-url", "https://id.example",
                        "quarkus.oidc.partner.token.audience", "sluice"));

        assertThat(tenants.get("Default").tenantEnabled()).isFalse();
        assertThat(tenants.get("partner").tenantEnabled()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "quarkus.oidc.token.audience, any",
        "quarkus.oidc.token.issuer, any",
        "quarkus.oidc.application-type, web-app",
        "quarkus.oidc.token.lifespan-grace, 61",
        "quarkus.oidc.token.require-jwt-introspection-only, true",
        "quarkus.oidc.authentication.cookie-domain, example.com",
        "quarkus.oidc.jwks.resolve-early, false",
        "quarkus.oidc.logout.path, /elsewhere",
        "quarkus.oidc.logout.backchannel.path, /elsewhere",
        "quarkus.oidc.logout.frontchannel.path, /session/sign-out"
    })
    void doesNotStartWith(String key, String value) {
        Map<String, String> values = new HashMap<>(ISSUER);
        values.put(key, value);

        assertThatThrownBy(() -> completed("secured", values))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key);
    }

    @Test
    void needsTheIssuerOfAKey() {
        assertThatThrownBy(() -> completed(
                        "secured",
                        Map.of(
                                "quarkus.oidc.partner.public-key", "MIIB",
                                "quarkus.oidc.partner.token.audience", "sluice")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("quarkus.oidc.partner.token.issuer");
    }

    @Test
    void namesAKeyThatIsNotAPublicKey() {
        assertThatThrownBy(() -> completed(
                        "secured",
                        Map.of(
                                "quarkus.oidc.public-key", "abc",
                                "quarkus.oidc.token.issuer", "me",
                                "quarkus.oidc.token.audience", "sluice")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("quarkus.oidc.public-key");
    }

    @Test
    void introspectsTokensOnlyIfConfigured() {
        OidcTenantConfig without = completed("secured", ISSUER).get("Default");
        assertThat(without.token().allowOpaqueTokenIntrospection()).isFalse();
        assertThat(without.token().allowJwtIntrospection()).isFalse();

        Map<String, String> values = new HashMap<>(ISSUER);
        values.put("quarkus.oidc.introspection-path", "/introspect");
        assertThat(completed("secured", values).get("Default").token().allowOpaqueTokenIntrospection())
                .isTrue();
    }

    /** Else each JWT with an invented key would be a request to the issuer. */
    @Test
    void introspectsJwtsOnlyIfAllAreIntrospected() {
        Map<String, String> values = new HashMap<>(ISSUER);
        values.put("quarkus.oidc.introspection-path", "/introspect");
        assertThat(completed("secured", values).get("Default").token().allowJwtIntrospection())
                .isFalse();

        values.put("quarkus.oidc.token.require-jwt-introspection-only", "true");
        assertThat(completed("secured", values).get("Default").token().allowJwtIntrospection())
                .isTrue();
    }

    @Test
    void doesNotIntrospectTheIdTokensOfSessions() {
        Map<String, String> values = new HashMap<>(PAGE);
        values.put("quarkus.oidc.introspection-path", "/introspect");
        values.put("quarkus.oidc.token.require-jwt-introspection-only", "true");

        assertThatThrownBy(() -> completed("secured", values))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("quarkus.oidc.token.require-jwt-introspection-only")
                .hasMessageContaining("hybrid");
    }

    @Test
    void fixesTheSecuritySettingsOfSessions() {
        Map<String, String> values = new HashMap<>(PAGE);
        values.put("quarkus.oidc.authentication.pkce-required", "false");
        values.put("quarkus.oidc.authentication.redirect-path", "/elsewhere");
        values.put("quarkus.oidc.token-state-manager.encryption-required", "false");

        OidcTenantConfig tenant = completed("secured", values).get("Default");

        assertThat(tenant.authentication().pkceRequired()).hasValue(true);
        assertThat(tenant.authentication().nonceRequired()).isTrue();
        assertThat(tenant.authentication().redirectPath()).hasValue("/session/callback");
        assertThat(tenant.authentication().cookieForceSecure()).isTrue();
        assertThat(tenant.authentication().cookieSameSite()).isEqualTo(CookieSameSite.STRICT);
        assertThat(tenant.tokenStateManager().encryptionRequired()).isTrue();
        assertThat(tenant.tokenStateManager().encryptionSecret()).isPresent();
        assertThat(tenant.token().audience().orElseThrow()).containsExactlyInAnyOrder("sluice", "page");
        assertThat(tenant.token().refreshTokenTimeSkew()).hasValue(Duration.ofSeconds(30));
    }

    @Test
    void letsQuarkusEndNoSession() {
        Map<String, String> values = new HashMap<>(PAGE);
        values.put("quarkus.oidc.logout.backchannel.path", "/session/back-channel-logout");
        values.put("quarkus.oidc.logout.backchannel.logout-token-key", "sub");

        OidcTenantConfig tenant = completed("secured", values).get("Default");

        assertThat(tenant.logout().backchannel().logoutTokenKey()).isEqualTo("iat");
        assertThat(tenant.logout().backchannel().path()).hasValue("/session/back-channel-logout");
    }

    /** Logout tokens of all issuers would arrive at one path, which Quarkus assigns to one tenant. */
    @Test
    void doesNotStartIfTwoIssuersEndSessions() {
        Map<String, String> values = new HashMap<>(PAGE);
        PAGE.forEach((key, value) -> values.put(key.replace("quarkus.oidc.", "quarkus.oidc.partner."), value));
        values.put("quarkus.oidc.logout.backchannel.path", "/session/back-channel-logout");
        values.put("quarkus.oidc.partner.logout.backchannel.path", "/session/back-channel-logout");

        assertThatThrownBy(() -> completed("secured", values))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("logout.backchannel.path");
    }

    @Test
    void encryptsSessionsWithTheSameKeyOnEveryInstance() {
        assertThat(completed("secured", PAGE).get("Default").tokenStateManager().encryptionSecret())
                .isEqualTo(completed("secured", PAGE)
                        .get("Default")
                        .tokenStateManager()
                        .encryptionSecret());
    }

    @ParameterizedTest
    @CsvSource({"/, ''", "/sluice, /sluice", "sluice/, /sluice"})
    void signsInBelowTheRootPath(String rootPath, String prefix) {
        Map<String, String> values = new HashMap<>(PAGE);
        values.put("quarkus.oidc.logout.path", "/session/sign-out");

        OidcTenantConfig tenant = completed("secured", values, rootPath).get("Default");

        assertThat(tenant.authentication().redirectPath()).hasValue(prefix + "/session/callback");
        assertThat(tenant.authentication().cookiePath()).isEqualTo("/");
        assertThat(tenant.logout().path()).hasValue(prefix + "/session/sign-out");
        assertThat(tenant.logout().postLogoutPath()).hasValue(prefix + "/");
    }

    private static Map<String, OidcTenantConfig> completed(String mode, Map<String, String> values) {
        return completed(mode, values, "/");
    }

    private static Map<String, OidcTenantConfig> completed(String mode, Map<String, String> values, String rootPath) {
        AccessConfig access = Settings.of(
                AccessConfig.class,
                Map.of("sluice.access.mode", mode, "sluice.access.token-secret", "0123456789012345678901234567890123"));
        OidcTenants tenants = new OidcTenants(
                access,
                Settings.of(OidcConfig.class, values),
                () -> new TokenSecret(access, LaunchMode.TEST),
                rootPath);
        Map<String, OidcTenantConfig> created = new HashMap<>();
        tenants.complete(new Oidc() {
            @Override
            public void create(OidcTenantConfig tenant) {
                created.put(tenant.tenantId().orElseThrow(), tenant);
            }

            @Override
            public void createServiceApp(String authServerUrl) {
                throw new AssertionError();
            }

            @Override
            public void createWebApp(String authServerUrl, String clientId, String clientSecret) {
                throw new AssertionError();
            }
        });
        return created;
    }
}
