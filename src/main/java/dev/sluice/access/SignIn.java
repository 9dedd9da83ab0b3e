package dev.sluice.access;

import dev.sluice.failure.Failure;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.ResponseBody;
import dev.sluice.flow.ResponseEnd;
import io.quarkus.oidc.common.runtime.OidcCommonUtils;
import io.quarkus.oidc.common.runtime.OidcConstants;
import io.quarkus.security.AuthenticationRedirectException;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticator;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Signs the console in and out at the token issuer (OpenID Connect, authorization code flow with PKCE), and returns who
 * is signed in. Quarkus OIDC does the work; the session is in cookies ({@link SessionCookies}). If no tenant is for
 * the console, only {@code /session} exists, and returns an empty object.
 */
@Singleton
final class SignIn {
    private static final Logger LOG = Logger.getLogger(SignIn.class);
    private static final String SESSION = "/session";
    private static final String SIGN_IN = "/session/sign-in";
    /** The console, relative to the routes below {@code /session}. */
    private static final String CONSOLE = "../";

    /** Minimum interval between renewals that the console attempts, in seconds. */
    private static final int MIN_PAUSE_SECONDS = 5;

    private static final String SIGN_IN_LINK = "sign_in";
    private static final String TOKEN = "token";

    private final OidcTenants tenants;
    private final SessionCookies cookies;
    private final OriginPolicy origins;
    private final RequestLimiter limiter;
    private final HttpAuthenticator authenticator;
    private final CallerFactory callers;
    private final Sessions sessions;
    private final Instance<ConsoleLink> links;
    private final String tokenCookie;

    @Inject
    SignIn(
            OidcTenants tenants,
            SessionCookies cookies,
            OriginPolicy origins,
            RequestLimiter limiter,
            HttpAuthenticator authenticator,
            CallerFactory callers,
            Sessions sessions,
            @Any Instance<ConsoleLink> links,
            AccessConfig config) {
        this.tenants = tenants;
        this.cookies = cookies;
        this.origins = origins;
        this.limiter = limiter;
        this.authenticator = authenticator;
        this.callers = callers;
        this.sessions = sessions;
        this.links = links;
        this.tokenCookie = config.cookie();
    }

    void register(@Observes Router router) {
        router.route(SESSION).handler(SignIn::requireReading);
        if (!tenants.signIn()) {
            router.route(SESSION).handler(request -> answer(request, new JsonObject()));
            return;
        }
        router.route(SESSION).handler(request -> {
            boolean authorized = request.request().headers().contains(HttpHeaders.AUTHORIZATION);
            begin(request, begun -> session(begun, authorized));
        });
        router.route(HttpMethod.GET, SIGN_IN).handler(request -> begin(request, this::signIn));
        router.route(HttpMethod.GET, OidcTenants.CALLBACK).handler(request -> begin(request, this::callback));
        router.route(HttpMethod.GET, OidcTenants.SIGN_OUT).handler(request -> begin(request, this::signOut));
        if (tenants.backChannelLogout()) {
            router.route(HttpMethod.POST, OidcTenants.BACK_CHANNEL_LOGOUT)
                    .order(AuthenticationHandler.ORDER)
                    .handler(this::backChannelLogout);
        }
    }

    private static void requireReading(RoutingContext request) {
        HttpMethod method = request.request().method();
        if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
            request.next();
        } else {
            request.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
            request.fail(405);
        }
    }

    /** Ignores {@code Authorization}: a session is identified by cookies only. */
    private void begin(RoutingContext request, Consumer<RoutingContext> step) {
        limiter.admit();
        request.request().headers().remove(HttpHeaders.AUTHORIZATION);
        cookies.translate(request);
        step.accept(request);
    }

    /**
     * Returns what the console shows if nobody is signed in: also that the request has a bearer token, which may permit
     * something nevertheless. Then a proxy or another application has added the token.
     *
     * @param authorized whether the request had the header {@code Authorization}
     */
    private JsonObject nobody(RoutingContext request, boolean authorized) {
        JsonObject nobody = new JsonObject().put(SIGN_IN_LINK, SIGN_IN.substring(1));
        return authorized || request.request().getCookie(tokenCookie) != null ? nobody.put(TOKEN, true) : nobody;
    }

    /** Returns who is signed in. This request renews the tokens if they expire soon. */
    private void session(RoutingContext request, boolean authorized) {
        JsonObject nobody = nobody(request, authorized);
        if (!cookies.has(request)) {
            answer(request, nobody);
            return;
        }
        origins.require(request.request());
        onTheLoop(request, callers::identify).subscribe().with(caller -> answer(request, describe(caller)), failure -> {
            if (Failure.UNAUTHENTICATED.matches(failure)) {
                cookies.expire(request);
                answer(request, nobody);
            } else {
                request.fail(failure);
            }
        });
    }

    private JsonObject describe(Caller caller) {
        Duration left = Duration.between(Instant.now(), caller.until());
        return new JsonObject()
                .put("name", caller.name())
                .put(
                        "renew_in",
                        Math.max(
                                MIN_PAUSE_SECONDS, left.minus(tenants.renewal()).toSeconds() + 1))
                .put("sign_out", OidcTenants.SIGN_OUT.substring(1));
    }

    /** Redirects to the token issuer. */
    private void signIn(RoutingContext request) {
        onTheLoop(request, authenticator::sendChallenge)
                .subscribe()
                .with(sent -> end(request), failure -> request.fail(CallerFactory.rejection(failure)));
    }

    /** Quarkus ends the response of a challenge only if there is no issuer to redirect to. */
    private static void end(RoutingContext request) {
        if (!request.response().ended()) {
            request.response().end();
        }
    }

    /** Receives the redirect of the token issuer: exchanges its code for tokens, which become the session. */
    private void callback(RoutingContext request) {
        onTheLoop(request, authenticator::attemptAuthentication)
                .subscribe()
                .with(
                        identity -> redirect(request, CONSOLE),
                        failure -> request.fail(CallerFactory.rejection(failure)));
    }

    /**
     * Ends the session here, and at the token issuer if the tenant has a logout path. Quarkus then redirects to the issuer,
     * and {@link Sessions} observes that.
     */
    private void signOut(RoutingContext request) {
        if (!cookies.has(request)) {
            redirect(request, CONSOLE);
            return;
        }
        origins.require(request.request());
        onTheLoop(request, authenticator::attemptAuthentication)
                .subscribe()
                .with(identity -> end(identity, request), failure -> {
                    if (failure instanceof AuthenticationRedirectException away) {
                        redirect(request, away.getRedirectUri());
                    } else {
                        forget(request, CONSOLE);
                    }
                });
    }

    /**
     * Ends the sessions that a logout token of the issuer names. The route of Quarkus OIDC verifies the token and answers
     * with 200, but would end one session only, at this instance, and only at its next request. A status counts only if the
     * response was written.
     */
    private void backChannelLogout(RoutingContext request) {
        limiter.admit();
        request.addHeadersEndHandler(ending -> {
            if (request.response().getStatusCode() == 200
                    && reportedEnd(request).isEmpty()) {
                request.response().setStatusCode(400);
            }
        });
        ResponseEnd.whenEnded(request, complete -> {
            LOG.debugf("A logout token is answered with %d", request.response().getStatusCode());
            if (complete) {
                reportedEnd(request).ifPresent(sessions::end);
            }
        });
        request.next();
    }

    private static Optional<SessionEnd> reportedEnd(RoutingContext request) {
        String token = request.request().getFormAttribute(OidcConstants.BACK_CHANNEL_LOGOUT_TOKEN);
        return request.response().getStatusCode() == 200 && token != null
                ? SessionEnd.of(OidcCommonUtils.decodeJwtContent(token))
                : Optional.empty();
    }

    private void end(@Nullable SecurityIdentity identity, RoutingContext request) {
        if (identity != null) {
            sessions.end(identity);
        }
        forget(request, CONSOLE);
    }

    private void forget(RoutingContext request, String next) {
        cookies.expire(request);
        redirect(request, next);
    }

    private static <T> Uni<T> onTheLoop(RoutingContext request, Function<RoutingContext, Uni<T>> work) {
        return Uni.createFrom().deferred(() -> work.apply(request)).emitOn(ContextExecutor.of(request));
    }

    private static void redirect(RoutingContext request, String location) {
        request.response()
                .setStatusCode(303)
                .putHeader(HttpHeaders.LOCATION, location)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .end();
    }

    private void answer(RoutingContext request, JsonObject content) {
        links.stream().filter(ConsoleLink::present).forEach(link -> content.put(link.name(), link.address()));
        request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        ResponseBody.end(request.request(), content.toBuffer());
    }
}
