package dev.sluice.http;

import dev.sluice.flow.ArrivalListener;
import dev.sluice.flow.RequestPath;
import io.quarkus.runtime.LaunchMode;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;

/**
 * Adds the security headers to every response, also to those that reject a request. {@code quarkus.http.header} can
 * replace them; it is not used here because it costs each request one step through the router for each header.
 *
 * <p>The console loads nothing from other origins, cannot be framed, and cannot turn text into markup. Only
 * lit-html creates markup, from the templates in its scripts.
 */
@Singleton
final class SecurityHeaders implements ArrivalListener {
    private static final CharSequence X_CONTENT_TYPE_OPTIONS = HttpHeaders.createOptimized("X-Content-Type-Options");
    private static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
    private static final CharSequence X_FRAME_OPTIONS = HttpHeaders.createOptimized("X-Frame-Options");
    private static final CharSequence DENY = HttpHeaders.createOptimized("DENY");
    private static final CharSequence REFERRER_POLICY = HttpHeaders.createOptimized("Referrer-Policy");
    private static final CharSequence NO_REFERRER = HttpHeaders.createOptimized("no-referrer");
    private static final CharSequence STRICT_TRANSPORT_SECURITY =
            HttpHeaders.createOptimized("Strict-Transport-Security");
    private static final CharSequence ONE_YEAR = HttpHeaders.createOptimized("max-age=31536000");

    private static final CharSequence CONTENT_SECURITY_POLICY = HttpHeaders.createOptimized("Content-Security-Policy");
    private static final CharSequence OF_THE_PAGE = HttpHeaders.createOptimized(
            "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none';"
                    + " require-trusted-types-for 'script'; trusted-types lit-html");

    /**
     * A developer's browser must not remember to use HTTPS for localhost. Not sent over HTTP (RFC 6797, section 7.2), unless a
     * trusted proxy says that the client uses HTTPS.
     */
    private final boolean strictTransport = LaunchMode.current() == LaunchMode.NORMAL;

    @Override
    public void arrived(RoutingContext exchange) {
        MultiMap headers = exchange.response()
                .headers()
                .set(X_CONTENT_TYPE_OPTIONS, NOSNIFF)
                .set(X_FRAME_OPTIONS, DENY)
                .set(REFERRER_POLICY, NO_REFERRER);
        if (strictTransport && exchange.request().isSSL()) {
            headers.set(STRICT_TRANSPORT_SECURITY, ONE_YEAR);
        }
        if (isPage(exchange)) {
            headers.set(CONTENT_SECURITY_POLICY, OF_THE_PAGE);
        }
    }

    @Override
    public void rerouted(RoutingContext exchange) {
        arrived(exchange);
    }

    private static boolean isPage(RoutingContext exchange) {
        try {
            String path = RequestPath.belowRoot(exchange);
            return path.equals("/") || path.equals("/index.html");
        } catch (IllegalArgumentException undecodable) {
            return false;
        }
    }
}
