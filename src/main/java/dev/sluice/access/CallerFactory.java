package dev.sluice.access;

import dev.sluice.failure.Causes;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.quarkus.oidc.IdTokenCredential;
import io.quarkus.oidc.OIDCException;
import io.quarkus.oidc.OidcConfigurationMetadata;
import io.quarkus.oidc.TokenIntrospection;
import io.quarkus.oidc.runtime.OidcUtils;
import io.quarkus.security.AuthenticationCompletionException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticator;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jspecify.annotations.Nullable;

/**
 * Creates the {@link Caller} from the bearer token or the session of a request. Quarkus OIDC verifies both, so that
 * callers have the same roles and the same permissions claim either way.
 */
@Singleton
final class CallerFactory {
    private static final String BEARER = "Bearer ";

    private final HttpAuthenticator authenticator;
    private final Roles roles;
    private final Sessions sessions;
    private final OidcTenants tenants;
    private final IntrospectionCache introspections;
    private final String claim;

    @Inject
    CallerFactory(
            HttpAuthenticator authenticator,
            Roles roles,
            Sessions sessions,
            OidcTenants tenants,
            IntrospectionCache introspections,
            AccessConfig config) {
        this.authenticator = authenticator;
        this.roles = roles;
        this.sessions = sessions;
        this.tenants = tenants;
        this.introspections = introspections;
        this.claim = config.permissionsClaim();
    }

    /**
     * Fails with {@code UNAUTHENTICATED} if the request has no token or the token is not valid, and with
     * {@code UNAVAILABLE} if that cannot be known because the issuer cannot be reached.
     */
    Uni<Caller> identify(RoutingContext request) {
        return authenticator
                .attemptAuthentication(request)
                .onFailure(failure -> bearer(request).isPresent()
                        && Causes.find(failure, OIDCException.class).isPresent()
                        && Causes.find(failure, SluiceException.class).isEmpty())
                .transform(CallerFactory::unavailable)
                .onFailure()
                .transform(CallerFactory::rejection)
                .onItem()
                .ifNull()
                .failWith(() -> Failure.UNAUTHENTICATED.because("A bearer token is required"))
                .onFailure(Failure.UNAUTHENTICATED::matches)
                .invoke(() -> remember(request))
                .map(this::caller);
    }

    private void remember(RoutingContext request) {
        if (tenants.introspect()) {
            bearer(request).ifPresent(introspections::refuse);
        }
    }

    private static Optional<String> bearer(RoutingContext request) {
        return Optional.ofNullable(request.request().getHeader(HttpHeaders.AUTHORIZATION))
                .filter(header -> header.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .map(header -> header.substring(BEARER.length()));
    }

    /** Returns the failure for the client. Other failures, for example a redirect, are returned unchanged. */
    static Throwable rejection(Throwable failure) {
        Optional<SluiceException> own = Causes.find(failure, SluiceException.class);
        if (own.isPresent()) {
            return own.get();
        }
        if (failure instanceof OIDCException
                || Causes.find(failure, IOException.class).isPresent()
                || Causes.find(failure, TimeoutException.class).isPresent()) {
            return unavailable(failure);
        }
        return failure instanceof AuthenticationFailedException || failure instanceof AuthenticationCompletionException
                ? Failure.UNAUTHENTICATED.because("The token is not valid", failure)
                : failure;
    }

    /**
     * Returns the failure of an issuer that cannot be reached, or answers an introspection with an HTTP error. An HTTP error
     * for the renewal of a session is not such a failure: the issuer rejects the session.
     */
    private static SluiceException unavailable(Throwable failure) {
        return Failure.UNAVAILABLE.because("The token issuer cannot be reached", failure);
    }

    private Caller caller(SecurityIdentity identity) {
        JsonWebToken jwt = identity.getPrincipal() instanceof JsonWebToken token ? token : null;
        TokenIntrospection description = identity.getAttribute(OidcUtils.INTROSPECTION_ATTRIBUTE);
        if (description != null && identity.getCredential(IdTokenCredential.class) == null) {
            requireForSluice(identity, description, jwt);
        }
        return roles.caller(jwt != null ? of(identity, jwt) : ofOpaque(identity, description));
    }

    /**
     * Requires that an introspected bearer token is for Sluice. Quarkus checks only that it is active. The operator of another
     * service could otherwise use here the tokens that callers send to that service.
     */
    private void requireForSluice(
            SecurityIdentity identity, TokenIntrospection description, @Nullable JsonWebToken jwt) {
        String tenant = identity.getAttribute(OidcUtils.TENANT_ID_ATTRIBUTE);
        OidcConfigurationMetadata metadata = identity.getAttribute(OidcUtils.CONFIG_METADATA_ATTRIBUTE);
        Set<String> audience = tenants.audience(tenant);
        String issuer = tenants.issuer(tenant).orElse(metadata == null ? null : metadata.getIssuer());
        JsonObject claims = description.getJsonObject();
        requireForSluice(audience, issuer, texts(claims.get("aud")), texts(claims.get("iss")));
        if (jwt != null) {
            requireForSluice(
                    audience, issuer, jwt.getAudience(), jwt.getIssuer() == null ? Set.of() : Set.of(jwt.getIssuer()));
        }
    }

    /** The introspection may omit the issuer: only the issuer of the tenant was asked. */
    private static void requireForSluice(
            Set<String> audience, @Nullable String issuer, @Nullable Set<String> aud, Set<String> iss) {
        if (aud == null || Collections.disjoint(aud, audience)) {
            throw invalid("is not for this audience");
        }
        if (!iss.isEmpty() && (issuer == null || !iss.equals(Set.of(issuer)))) {
            throw invalid("is of another issuer");
        }
    }

    /** RFC 7519, section 4.1.3: an audience is one text or an array of them. */
    private static Set<String> texts(@Nullable JsonValue value) {
        Collection<JsonValue> values =
                value == null ? List.of() : value instanceof JsonArray many ? many : List.of(value);
        return values.stream()
                .map(one -> one instanceof JsonString text ? text.getString() : one.toString())
                .collect(Collectors.toSet());
    }

    private Identity of(SecurityIdentity identity, JsonWebToken token) {
        boolean signedIn = identity.getCredential(IdTokenCredential.class) != null;
        Session session = signedIn || token.getClaim(Session.ID_CLAIM) instanceof String ? Session.of(token) : null;
        if (session != null && sessions.ended(session)) {
            throw Failure.UNAUTHENTICATED.because("The session has ended");
        }
        return identity(
                token.getSubject(),
                token.getName(),
                identity,
                token.getClaim(claim),
                token.getExpirationTime(),
                signedIn ? session : null);
    }

    /** Returns the identity of an introspected token that is not a JWT (RFC 7662). */
    private Identity ofOpaque(SecurityIdentity identity, @Nullable TokenIntrospection token) {
        Long end = token == null ? null : token.getLong("exp");
        return identity(
                token == null ? null : token.getSubject(),
                identity.getPrincipal().getName(),
                identity,
                token == null ? null : token.getJsonObject().get(claim),
                end == null ? 0 : end,
                null);
    }

    private static Identity identity(
            @Nullable String subject,
            @Nullable String name,
            SecurityIdentity identity,
            @Nullable Object permissions,
            long end,
            @Nullable Session session) {
        if (name == null || name.isEmpty()) {
            throw invalid("has no name");
        }
        if (end <= 0) {
            throw invalid("does not say when it expires");
        }
        String account =
                identity.getAttribute(OidcUtils.TENANT_ID_ATTRIBUTE) + "\n" + (subject == null ? name : subject);
        return new Identity(
                account, name, identity.getRoles(), permissions == null ? "" : permissions.toString(), end, session);
    }

    private static SluiceException invalid(String why) {
        return Failure.UNAUTHENTICATED.because("The token " + why);
    }
}
