package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.HashMap;
import java.util.Map;

/**
 * Configures secured mode and starts a token issuer. {@link Issuer} injects the issuer into the test. Test arguments
 * add keys. With the argument {@value #AWAY} the application starts while the issuer is stopped.
 */
public final class SecuredResource implements QuarkusTestResourceLifecycleManager {
    public static final String AWAY = "away";

    /** With this argument the application starts while the issuer answers 503. */
    public static final String UNAVAILABLE = "unavailable";

    private TokenIssuer issuer;
    private Map<String, String> more = Map.of();

    @Override
    public void init(Map<String, String> arguments) {
        more = arguments;
    }

    @Override
    public Map<String, String> start() {
        issuer = new TokenIssuer();
        Map<String, String> settings = new HashMap<>(more);
        if (settings.remove(AWAY) != null) {
            issuer.stop();
        }
        issuer.unavailable(settings.remove(UNAVAILABLE) != null);
        settings.putAll(Map.of(
                "sluice.access.mode", "secured",
                "quarkus.oidc.auth-server-url", issuer.url(),
                "quarkus.oidc.token.audience", TokenIssuer.AUDIENCE,
                "sluice.access.roles.web.subscribe.allow", "logs.web.>",
                "sluice.access.roles.web.publish.allow", "logs.web.>",
                "sluice.access.roles.reader.subscribe.allow", ">",
                "sluice.access.roles.reader.subscribe.deny", "secret.>",
                "sluice.access.roles.all.publish.allow", ">"));
        return settings;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(issuer, new TestInjector.AnnotatedAndMatchesType(Issuer.class, TokenIssuer.class));
    }

    @Override
    public void stop() {
        issuer.close();
    }

    /** Marks the field into which the issuer is injected. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.FIELD)
    public @interface Issuer {}
}
