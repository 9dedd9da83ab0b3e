package dev.sluice.access;

import io.quarkus.oidc.Oidc;
import io.quarkus.oidc.OidcTenantConfigBuilder;
import io.quarkus.oidc.runtime.OidcConfig;
import io.quarkus.oidc.runtime.OidcTenantConfig;
import io.quarkus.oidc.runtime.OidcTenantConfig.ApplicationType;
import io.quarkus.oidc.runtime.OidcTenantConfig.Authentication.CookieSameSite;
import io.quarkus.oidc.runtime.OidcUtils;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.jwt.util.KeyUtils;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * The OpenID Connect tenants of {@code quarkus.oidc}: each is one issuer of tokens. They are validated before Quarkus
 * connects to the issuers, because an instance that would accept tokens of any issuer or for any audience must not
 * start. What the security of a tenant depends on is set here and not by keys. In {@code open} mode every tenant is
 * disabled.
 *
 * <p>The console can sign in with a tenant of the application type {@code hybrid}, which accepts bearer tokens too.
 */
@Singleton
public final class OidcTenants {
    static final String CALLBACK = "/session/callback";
    static final String SIGN_OUT = "/session/sign-out";
    static final String BACK_CHANNEL_LOGOUT = "/session/back-channel-logout";

    private static final int MAX_SKEW_SECONDS = 60;
    /** Minimum interval between requests for an issuer's keys, which forged tokens with unknown keys would cause. */
    static final Duration KEYS_PAUSE = Duration.ofSeconds(1);
    /** Remaining validity at which a request renews the tokens of a session. */
    private static final Duration RENEWAL = Duration.ofSeconds(30);
    /** How long an unused session can still be renewed; the issuer usually ends it earlier. */
    private static final Duration UNUSED = Duration.ofHours(12);

    /** Quarkus requires this number of characters. */
    private static final int SECRET_LENGTH = 32;

    /**
     * The claim by which Quarkus would match a logout token to an ID token. {@link Sessions} does that instead, for users
     * too and at all instances. Quarkus requires a claim that all ID tokens and logout tokens have.
     */
    private static final String LOGOUT_TOKEN_KEY = "iat";

    private static final String ANY = "any";

    private final Map<String, OidcTenantConfig> tenants = new TreeMap<>();
    private final boolean open;
    private final boolean signIn;
    private final Provider<TokenSecret> secret;
    private final String rootPath;

    /**
     * @param secret looked up only if it is needed: a missing issuer is reported before a missing secret
     * @param rootPath path below which Sluice serves everything
     */
    @Inject
    OidcTenants(
            AccessConfig access,
            OidcConfig config,
            Provider<TokenSecret> secret,
            @ConfigProperty(name = "quarkus.http.root-path") String rootPath) {
        this.secret = secret;
        this.rootPath = OidcUtils.getRootPath(rootPath);
        config.namedTenants()
                .forEach((name, tenant) -> tenants.put(
                        name.equals(OidcConfig.DEFAULT_TENANT_KEY) ? OidcUtils.DEFAULT_TENANT_ID : name, tenant));
        open = access.mode() == AccessConfig.Mode.OPEN;
        signIn = !open && tenants.values().stream().anyMatch(tenant -> active(tenant) && signsIn(tenant));
    }

    /** Returns whether the console can sign in. */
    public boolean signIn() {
        return signIn;
    }

    /** Returns whether an issuer is asked about tokens (RFC 7662). */
    boolean introspect() {
        return tenants.values().stream()
                .anyMatch(tenant -> active(tenant) && tenant.introspectionPath().isPresent());
    }

    /** Returns the audiences of which a bearer token of {@code tenant} needs one. */
    Set<String> audience(@Nullable String tenant) {
        return tenant(tenant)
                .flatMap(found -> found.token().audience())
                .map(Set::copyOf)
                .orElse(Set.of());
    }

    /** Returns the configured issuer of the tokens of {@code tenant}. */
    Optional<String> issuer(@Nullable String tenant) {
        return tenant(tenant).flatMap(found -> found.token().issuer());
    }

    private Optional<OidcTenantConfig> tenant(@Nullable String id) {
        return Optional.ofNullable(id).map(tenants::get);
    }

    /** Returns whether an issuer reports ended sessions to Sluice (OpenID Connect Back-Channel Logout 1.0). */
    boolean backChannelLogout() {
        return tenants.values().stream().anyMatch(this::endsSessions);
    }

    private boolean endsSessions(OidcTenantConfig tenant) {
        return !open
                && active(tenant)
                && signsIn(tenant)
                && tenant.logout().backchannel().path().isPresent();
    }

    /** Returns the remaining validity at which a request renews the tokens of any session. */
    Duration renewal() {
        return tenants.values().stream()
                .filter(tenant -> active(tenant) && signsIn(tenant))
                .map(OidcTenants::renewal)
                .min(Comparator.naturalOrder())
                .orElse(RENEWAL);
    }

    /** @throws ConfigurationException if there is no tenant, or if a tenant would accept tokens that are not for Sluice */
    void complete(@Observes Oidc oidc) {
        if (!open && tenants.values().stream().noneMatch(OidcTenants::active)) {
            throw new ConfigurationException(
                    "Sluice does not start in production without authentication: set"
                            + " quarkus.oidc.auth-server-url (QUARKUS_OIDC_AUTH_SERVER_URL) to the address of the token issuer or"
                            + " quarkus.oidc.public-key to its key, or SLUICE_ACCESS_MODE=open behind a proxy that controls access");
        }
        if (tenants.values().stream().filter(this::endsSessions).count() > 1) {
            throw new ConfigurationException("logout.backchannel.path: only one issuer can have it");
        }
        tenants.forEach((name, tenant) -> oidc.create(completed(name, tenant)));
    }

    private io.quarkus.oidc.OidcTenantConfig completed(String name, OidcTenantConfig tenant) {
        OidcTenantConfigBuilder builder =
                io.quarkus.oidc.OidcTenantConfig.builder(tenant).tenantId(name);
        if (open || !active(tenant)) {
            return builder.tenantEnabled(false).build();
        }
        validate(name.equals(OidcUtils.DEFAULT_TENANT_ID) ? "quarkus.oidc." : "quarkus.oidc." + name + ".", tenant);
        boolean introspection = tenant.introspectionPath().isPresent();
        builder.token()
                .forcedJwkRefreshInterval(KEYS_PAUSE)
                .allowJwtIntrospection(introspection && tenant.token().requireJwtIntrospectionOnly())
                .allowOpaqueTokenIntrospection(introspection)
                .end();
        if (signsIn(tenant)) {
            completeSignIn(builder, tenant);
        }
        return builder.build();
    }

    /**
     * The ID token of a session is for the client, so the client is added to the audiences. Quarkus compares the paths with
     * those of requests, and puts them after the host.
     */
    private void completeSignIn(OidcTenantConfigBuilder builder, OidcTenantConfig tenant) {
        Set<String> audience = new LinkedHashSet<>(tenant.clientId().stream().toList());
        audience.removeAll(tenant.token().audience().orElse(List.of()));
        builder.token()
                .audience(List.copyOf(audience))
                .refreshExpired()
                .refreshTokenTimeSkew(renewal(tenant))
                .end();
        builder.authentication()
                .redirectPath(rootPath + CALLBACK)
                .restorePathAfterRedirect(false)
                .removeRedirectParameters(false)
                .pkceRequired()
                .nonceRequired()
                .stateSecret(secretFor("sign-in"))
                .cookiePath("/")
                .cookieForceSecure()
                .cookieSameSite(CookieSameSite.STRICT)
                .sessionAgeExtension(UNUSED)
                .end();
        builder.tokenStateManager()
                .encryptionRequired()
                .encryptionSecret(secretFor("session"))
                .end();
        if (tenant.logout().path().isPresent()) {
            builder.logout()
                    .path(rootPath + SIGN_OUT)
                    .postLogoutPath(tenant.logout().postLogoutPath().orElse(rootPath + "/"))
                    .end();
        }
        if (tenant.logout().backchannel().path().isPresent()) {
            builder.logout().backchannel().logoutTokenKey(LOGOUT_TOKEN_KEY).endLogout();
        }
    }

    private String secretFor(String purpose) {
        String signed = secret.get().signerFor(purpose).sign(new byte[0]);
        return signed.substring(signed.length() - SECRET_LENGTH);
    }

    private static void validate(String prefix, OidcTenantConfig tenant) {
        if (tenant.applicationType().filter(ApplicationType.WEB_APP::equals).isPresent()) {
            throw new ConfigurationException(
                    prefix + "application-type=web-app accepts no bearer tokens: set hybrid or service");
        }
        List<String> audience = tenant.token().audience().orElse(List.of());
        if (audience.isEmpty() || audience.contains(ANY)) {
            throw missing(prefix + "token.audience", "the aud claim of tokens for Sluice");
        }
        String issuer = tenant.token().issuer().orElse("");
        boolean discovered =
                tenant.publicKey().isEmpty() && tenant.discoveryEnabled().orElse(true);
        if (issuer.equals(ANY) || (issuer.isEmpty() && !discovered)) {
            throw missing(prefix + "token.issuer", "the iss claim of trusted tokens");
        }
        if (!tenant.jwks().resolveEarly()) {
            throw new ConfigurationException(prefix
                    + "jwks.resolve-early=false: each token with an unknown key would be a request to the issuer");
        }
        tenant.publicKey().ifPresent(key -> requirePublicKey(prefix + "public-key", key));
        if (tenant.token().requireJwtIntrospectionOnly()) {
            String key = prefix + "token.require-jwt-introspection-only";
            if (tenant.introspectionPath().isEmpty()) {
                throw new ConfigurationException(key + " needs " + prefix + "introspection-path");
            }
            if (signsIn(tenant)) {
                throw new ConfigurationException(key + ": an issuer describes no ID tokens, which sessions of " + prefix
                        + "application-type=hybrid have");
            }
        }
        if (tenant.token().lifespanGrace().orElse(0) > MAX_SKEW_SECONDS) {
            throw new ConfigurationException(
                    prefix + "token.lifespan-grace is at most " + MAX_SKEW_SECONDS + " seconds");
        }
        if (tenant.authentication().cookieDomain().isPresent()) {
            throw new ConfigurationException(
                    prefix + "authentication.cookie-domain: the cookie of a session belongs to one host");
        }
        requirePath(prefix + "logout.path", tenant.logout().path(), SIGN_OUT);
        requirePath(
                prefix + "logout.backchannel.path",
                tenant.logout().backchannel().path(),
                BACK_CHANNEL_LOGOUT);
        if (tenant.logout().frontchannel().path().isPresent()) {
            throw new ConfigurationException(prefix + "logout.frontchannel.path: a browser sends no SameSite=Strict"
                    + " cookie to a frame in a page of the issuer. Set " + prefix + "logout.backchannel.path");
        }
    }

    private static void requirePublicKey(String key, String value) {
        try {
            KeyUtils.decodePublicKey(value);
        } catch (GeneralSecurityException | IllegalArgumentException broken) {
            throw new ConfigurationException(
                    key + " is not an RSA public key in PEM, with or without its first and last line");
        }
    }

    private static void requirePath(String key, Optional<String> path, String only) {
        if (path.isPresent() && !path.get().equals(only)) {
            throw new ConfigurationException(key + " is " + only);
        }
    }

    private static boolean active(OidcTenantConfig tenant) {
        return tenant.tenantEnabled()
                && (tenant.authServerUrl().isPresent()
                        || tenant.provider().isPresent()
                        || tenant.publicKey().isPresent());
    }

    private static boolean signsIn(OidcTenantConfig tenant) {
        return tenant.applicationType().filter(ApplicationType.HYBRID::equals).isPresent();
    }

    private static Duration renewal(OidcTenantConfig tenant) {
        return tenant.token().refreshTokenTimeSkew().orElse(RENEWAL);
    }

    private static ConfigurationException missing(String key, String what) {
        String variable = key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
        return new ConfigurationException("sluice.access.mode=secured needs " + key + " (" + variable + "), " + what);
    }
}
