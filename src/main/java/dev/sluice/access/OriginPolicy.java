package dev.sluice.access;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request that brings a cookie was meant by a page that may use it: browsers add a cookie by themselves, also
 * where a stranger's page asks (cross-site request forgery). Pages of this service's own host may, and those of the
 * origins that CORS is open to.
 *
 * <p>What changes something needs an {@code Origin}, which browsers always send with it. What only reads may come without
 * one, from the address bar above all, but not from another site ({@code Sec-Fetch-Site}): to watch a queue group is to
 * take messages away from others.
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

    boolean permit(HttpServerRequest request) {
        return permit(
                request.method(),
                request.authority(),
                request.getHeader("Origin"),
                request.getHeader("Sec-Fetch-Site"));
    }

    boolean permit(HttpMethod method, @Nullable HostAndPort host, @Nullable String origin, @Nullable String site) {
        if (origin != null) {
            return trusted.contains(origin) || isOwn(origin, host);
        }
        return READING.contains(method) && (site == null || site.equals("same-origin") || site.equals("none"));
    }

    /** By host and port alone: behind a proxy that ends TLS nobody here knows the scheme. */
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
