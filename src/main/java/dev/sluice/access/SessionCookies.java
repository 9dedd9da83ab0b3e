package dev.sluice.access;

import io.quarkus.oidc.runtime.OidcUtils;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.ServerCookie;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/**
 * The cookies of Quarkus OIDC under names that begin with {@code __Host-}. Browsers accept such a cookie only from this
 * host and only over HTTPS (or from {@code localhost}), so that no other host of the same domain can set it. Quarkus has
 * no such names: they are translated on the way in and on the way out.
 */
@Singleton
final class SessionCookies {
    private static final String PREFIX = "__Host-";
    /** The beginning of the names of all cookies of Quarkus OIDC. */
    private static final String OIDC = "q_";

    private final boolean enabled;

    @Inject
    SessionCookies(OidcTenants tenants) {
        enabled = tenants.signIn();
    }

    /** Returns whether the request has a cookie of a session. Quarkus can read it then. */
    boolean has(RoutingContext request) {
        if (!enabled) {
            return false;
        }
        translate(request);
        return request.request().cookies().stream()
                .anyMatch(cookie -> cookie.getName().startsWith(OidcUtils.SESSION_COOKIE_NAME));
    }

    /** Translates the cookies of this request, and those that its response will set. */
    void translate(RoutingContext request) {
        if (request.get(PREFIX) != null) {
            return;
        }
        request.put(PREFIX, this);
        List<String> kept = new ArrayList<>();
        for (String header : request.request().headers().getAll(HttpHeaders.COOKIE)) {
            for (String cookie : header.split(";", -1)) {
                String stripped = cookie.strip();
                if (stripped.startsWith(PREFIX + OIDC)) {
                    kept.add(stripped.substring(PREFIX.length()));
                } else if (!stripped.startsWith(OIDC)) {
                    kept.add(stripped);
                }
            }
        }
        request.request().headers().remove(HttpHeaders.COOKIE);
        if (!kept.isEmpty()) {
            request.request().headers().set(HttpHeaders.COOKIE, String.join("; ", kept));
        }
        request.addHeadersEndHandler(ending -> rename(request.request(), request.response()));
    }

    /** Makes the browser forget the session. */
    void expire(RoutingContext request) {
        for (Cookie cookie : List.copyOf(request.request().cookies())) {
            if (cookie.getName().startsWith(OidcUtils.SESSION_COOKIE_NAME)) {
                request.response().removeCookies(cookie.getName());
            }
        }
    }

    private static void rename(HttpServerRequest request, HttpServerResponse response) {
        for (Cookie cookie : List.copyOf(request.cookies())) {
            if (cookie instanceof ServerCookie own
                    && own.isChanged()
                    && cookie.getName().startsWith(OIDC)) {
                response.removeCookies(cookie.getName(), false);
                response.addCookie(Cookie.cookie(PREFIX + cookie.getName(), cookie.getValue())
                        .setHttpOnly(true)
                        .setSecure(true)
                        .setPath("/")
                        .setMaxAge(cookie.getMaxAge())
                        .setSameSite(cookie.getSameSite()));
            }
        }
    }
}
