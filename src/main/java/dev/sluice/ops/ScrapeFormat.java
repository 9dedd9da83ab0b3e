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
 * would return OpenMetrics, which promtool does not read.
 */
@Singleton
final class ScrapeFormat {
    private static final String METRICS = "/q/metrics";
    private static final int BEFORE_QUARKUS = Integer.MIN_VALUE;

    void register(@Observes ManagementInterface management) {
        register(management.router());
    }

    void register(@Observes Router router) {
        router.get(METRICS).order(BEFORE_QUARKUS).handler(ScrapeFormat::preferText);
    }

    private static void preferText(RoutingContext scrape) {
        HttpServerRequest request = scrape.request();
        String accepted = request.getHeader(HttpHeaders.ACCEPT);
        if (accepted == null || accepted.equals("*/*")) {
            request.headers().set(HttpHeaders.ACCEPT, "text/plain");
        }
        scrape.next();
    }
}
