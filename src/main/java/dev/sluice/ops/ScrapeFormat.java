package dev.sluice.ops;

import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Returns {@code /q/metrics} in Prometheus' text format if the client accepts any format, for example curl. Quarkus
 * would return OpenMetrics, which promtool does not read, and only to a client that names its version and its charset.
 */
@Singleton
final class ScrapeFormat {
    private static final String METRICS = "/q/metrics";
    private static final String TEXT = "text/plain";
    private static final String OPEN_METRICS = "application/openmetrics-text";
    /**
     * Before Quarkus, but after {@code ProblemRoute}, which must see a path that cannot be decoded before a route with a path
     * is matched.
     */
    private static final int ORDER = Integer.MIN_VALUE + 1;

    void register(@Observes ManagementInterface management) {
        register(management.router());
    }

    void register(@Observes Router router) {
        router.route(METRICS).order(ORDER).handler(ScrapeFormat::preferText);
    }

    private static void preferText(RoutingContext scrape) {
        HttpServerRequest request = scrape.request();
        String accepted = request.getHeader(HttpHeaders.ACCEPT);
        if (accepted == null || accepted.equals("*/*")) {
            request.headers().set(HttpHeaders.ACCEPT, TEXT);
        } else if (accepted.contains(OPEN_METRICS) && !accepted.contains(TEXT)) {
            request.headers().set(HttpHeaders.ACCEPT, OPEN_METRICS + "; version=1.0.0; charset=utf-8");
        }
        scrape.next();
    }
}
