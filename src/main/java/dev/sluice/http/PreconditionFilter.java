package dev.sluice.http;

import dev.sluice.failure.Failure;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Rejects the preconditions of a request that changes a resource (RFC 9110, section 13). Only keys and objects have an entity
 * tag, and they are not served by resource methods. NATS has no compare-and-set for the others: a condition could only be
 * checked before the change, and the client would take an unsafe change for a safe one.
 */
@Singleton
final class PreconditionFilter {
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
    private static final List<String> PRECONDITIONS = List.of("If-Match", "If-None-Match", "If-Unmodified-Since");

    @ServerRequestFilter
    void refuse(HttpServerRequest request) {
        if (SAFE.contains(request.method().name())) {
            return;
        }
        for (String name : PRECONDITIONS) {
            if (request.headers().contains(name)) {
                throw Failure.INVALID.because(
                        "The header " + name + " is not supported: this resource has no ETag; nothing was changed");
            }
        }
    }
}
