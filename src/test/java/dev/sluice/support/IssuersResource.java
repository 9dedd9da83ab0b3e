package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/** Configures secured mode with four issuers, each with its own key. */
public final class IssuersResource implements QuarkusTestResourceLifecycleManager {
    private Issuers issuers;

    @Override
    public Map<String, String> start() {
        issuers = new Issuers(new TokenIssuer(), new TokenIssuer(), new TokenIssuer(), new TokenIssuer());
        Map<String, String> settings = new HashMap<>(Map.of(
                "sluice.access.mode", "secured",
                "sluice.access.roles.web.publish.allow", "logs.web.>",
                "quarkus.oidc.auth-server-url", issuers.main.url(),
                "quarkus.oidc.token.audience", TokenIssuer.AUDIENCE,
                "quarkus.oidc.introspection-path", "/introspect",
                "quarkus.oidc.client-id", "sluice",
                "quarkus.oidc.credentials.secret", "secret"));
        settings.putAll(Map.of(
                "quarkus.oidc.partner.auth-server-url", issuers.partner.url(),
                "quarkus.oidc.partner.discovery-enabled", "false",
                "quarkus.oidc.partner.jwks-path", "/keys",
                "quarkus.oidc.partner.token.issuer", "https://partner.example",
                "quarkus.oidc.partner.token.audience", TokenIssuer.AUDIENCE));
        settings.putAll(Map.of(
                "quarkus.oidc.key.public-key",
                Base64.getEncoder()
                        .encodeToString(issuers.key.key().getRsaPublicKey().getEncoded()),
                "quarkus.oidc.key.token.issuer",
                "https://key.example",
                "quarkus.oidc.key.token.audience",
                TokenIssuer.AUDIENCE));
        settings.putAll(Map.of(
                "quarkus.oidc.revoking.auth-server-url", issuers.revoking.url(),
                "quarkus.oidc.revoking.discovery-enabled", "false",
                "quarkus.oidc.revoking.jwks-path", "/keys",
                "quarkus.oidc.revoking.introspection-path", "/introspect",
                "quarkus.oidc.revoking.token.require-jwt-introspection-only", "true",
                "quarkus.oidc.revoking.client-id", "sluice",
                "quarkus.oidc.revoking.credentials.secret", "secret",
                "quarkus.oidc.revoking.token.issuer", "https://revoking.example",
                "quarkus.oidc.revoking.token.audience", TokenIssuer.AUDIENCE));
        return settings;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(issuers, new TestInjector.MatchesType(Issuers.class));
    }

    @Override
    public void stop() {
        issuers.main.close();
        issuers.partner.close();
        issuers.key.close();
        issuers.revoking.close();
    }

    /**
     * The issuers: with discovery and introspection, with a JWKS address, with a given key, with introspection of every
     * token.
     */
    public record Issuers(TokenIssuer main, TokenIssuer partner, TokenIssuer key, TokenIssuer revoking) {}
}
