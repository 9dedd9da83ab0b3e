package dev.sluice.http.body;

import dev.sluice.failure.Failure;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.RouteConstants;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Rejects a request whose {@code Content-Length} exceeds the limit of the HTTP server. The server would reject it too,
 * but without a problem document. Runs after {@code BulkRoute}, whose body has no limit.
 */
@Singleton
final class ContentLengthFilter {
    static final int ORDER = RouteConstants.ROUTE_ORDER_UPLOAD_LIMIT - 1;

    private final long maxBytes;

    @Inject
    ContentLengthFilter(@ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize limit) {
        maxBytes = limit.asLongValue();
    }

    void register(@Observes Router router) {
        router.route().order(ORDER).handler(this::check);
    }

    private void check(RoutingContext context) {
        String length = context.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null && Long.parseLong(length) > maxBytes) {
            throw Failure.TOO_LARGE.because("A body may have at most " + maxBytes + " bytes");
        }
        context.next();
    }
}
