package dev.sluice.access;

import dev.sluice.failure.Failure;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticator;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** Creates the {@link Caller} from the token of a request. SmallRye JWT validates the token. */
@Singleton
final class CallerFactory {
    private final HttpAuthenticator authenticator;
    private final Roles roles;
    private final String claim;

    @Inject
    CallerFactory(HttpAuthenticator authenticator, Roles roles, AccessConfig config) {
        this.authenticator = authenticator;
        this.roles = roles;
        this.claim = config.permissionsClaim();
    }

    /** Fails with {@code UNAUTHENTICATED} if the request has no token or the token is not valid. */
    Uni<Caller> identify(RoutingContext request) {
        return authenticator
                .attemptAuthentication(request)
                .onFailure(AuthenticationFailedException.class)
                .transform(invalid -> Failure.UNAUTHENTICATED.because("The token is not valid", invalid))
                .onItem()
                .ifNull()
                .failWith(() -> Failure.UNAUTHENTICATED.because("A bearer token is required"))
                .map(identity -> caller((JsonWebToken) identity.getPrincipal()));
    }

    private Caller caller(JsonWebToken token) {
        Object permissions = token.getClaim(claim);
        return roles.caller(new Identity(
                token.getName(),
                token.getGroups(),
                permissions == null ? "" : permissions.toString(),
                token.getExpirationTime()));
    }
}
