package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.Map;

/** Configures secured mode with a real Keycloak, with which pages can sign in, and injects it into the test. */
public final class KeycloakResource implements QuarkusTestResourceLifecycleManager {
    private Keycloak keycloak;

    @Override
    public Map<String, String> start() {
        keycloak = Keycloak.launch();
        Map<String, String> settings = new HashMap<>(Map.of(
                "quarkus.oidc.auth-server-url", keycloak.realm(),
                "quarkus.oidc.application-type", "hybrid",
                "quarkus.oidc.client-id", Keycloak.CLIENT,
                "quarkus.oidc.credentials.secret", Keycloak.SECRET,
                "quarkus.oidc.token.audience", "sluice",
                "quarkus.oidc.roles.source", "accesstoken",
                "quarkus.oidc.logout.path", "/session/sign-out",
                "quarkus.oidc.token.refresh-token-time-skew", "7s"));
        settings.putAll(Map.of(
                "sluice.access.mode", "secured",
                "sluice.access.roles.web.subscribe.allow", "logs.web.>",
                "sluice.access.roles.web.publish.allow", "logs.web.>",
                "quarkus.oidc.logout.backchannel.path", "/session/back-channel-logout"));
        return settings;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(keycloak, new TestInjector.MatchesType(Keycloak.class));
    }

    @Override
    public void stop() {
        if (keycloak != null) {
            keycloak.close();
        }
    }
}
