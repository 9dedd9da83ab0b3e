package dev.sluice.access;

import dev.sluice.failure.Failure;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request of a browser is permitted (protection against cross-site request forgery). Browsers add
 * cookies automatically, also to requests of pages of other sites. Permitted are pages of this service's own host and
 * of the origins that CORS is configured for.
 *
 * <p>A request that changes state needs an {@code Origin} header, which browsers always send with it. A request that
 * only reads may have none, for example from the address bar, but must not come from another site
 * ({@code Sec-Fetch-Site}): a tail in a queue group takes messages away from the other members.
 *
 * <p>In open mode there are no cookies, but a page of another site can reach a service in the network of its visitor. What
 * it cannot read it must not change. Clients that are not browsers send none of these headers and are permitted.
 */
@Singleton
final class OriginPolicy {
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final List<String> trusted;

    @Inject
    OriginPolicy(@ConfigProperty(name = "quarkus.http.cors.origins") Optional<List<String>> trusted) {
        this(trusted.orElse(List.of()));
    }

    OriginPolicy(List<String> trusted) {
        this.trusted = List.copyOf(trusted);
    }

    /** @throws dev.sluice.failure.SluiceException {@code FORBIDDEN} if the request is not permitted */
    void require(HttpServerRequest request) {
        if (!permit(
                request.method(),
                request.authority(),
                request.getHeader("Origin"),
                request.getHeader("Sec-Fetch-Site"))) {
            throw Failure.FORBIDDEN.because("A page of another origin may not use this cookie");
        }
    }

    /** @throws dev.sluice.failure.SluiceException {@code FORBIDDEN} if the request is not permitted in open mode */
    void requireWithoutCookie(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (!permitWithoutCookie(
                READING.contains(request.method()) && !context.queryParams().contains("queue"),
                request.authority(),
                request.getHeader("Origin"),
                request.getHeader("Sec-Fetch-Site"))) {
            throw Failure.FORBIDDEN.because(
                    "A page of another origin may not change anything; list it in quarkus.http.cors.origins");
        }
    }

    /**
     * A page cannot set {@code Sec-Fetch-Site}, so {@code same-origin} is true even if a proxy has changed the host.
     *
     * @param reading whether the request takes nothing from anybody; a member of a queue group does
     */
    boolean permitWithoutCookie(
            boolean reading, @Nullable HostAndPort host, @Nullable String origin, @Nullable String site) {
        if (reading || "same-origin".equals(site)) {
            return true;
        }
        return origin == null ? site == null || site.equals("none") : trusted.contains(origin) || isOwn(origin, host);
    }

    boolean permit(HttpMethod method, @Nullable HostAndPort host, @Nullable String origin, @Nullable String site) {
        if (origin != null) {
            return trusted.contains(origin) || isOwn(origin, host);
        }
        return READING.contains(method) && (site == null || site.equals("same-origin") || site.equals("none"));
    }

    /** Compares host and port only: behind a proxy that terminates TLS the scheme is unknown. */
    private static boolean isOwn(String origin, @Nullable HostAndPort host) {
        if (host == null) {
            return false;
        }
        try {
            URI uri = URI.create(origin);
            return host.host().equalsIgnoreCase(uri.getHost()) && host.port() == uri.getPort();
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }
}
