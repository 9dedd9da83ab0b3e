package dev.sluice.ops;

import io.quarkus.micrometer.runtime.binder.vertx.VertxMeterBinderAdapter;
import io.quarkus.opentelemetry.runtime.tracing.instrumentation.vertx.OpenTelemetryVertxHttpMetricsFactory.OpenTelemetryVertxHttpServerMetrics;
import io.quarkus.vertx.VertxOptionsCustomizer;
import io.vertx.core.VertxOptions;
import io.vertx.core.metrics.MetricsOptions;
import io.vertx.core.spi.metrics.PoolMetrics;
import jakarta.inject.Singleton;

/**
 * Registers the meters of Vert.x without those of HTTP requests, which {@link HttpMeters} records: the worker pools, and
 * the connections that were rejected at their limit. Vert.x accepts one metrics factory only. Without the HTTP meters of
 * Micrometer, Quarkus sets that of OpenTelemetry, which adds the names of routes to traces. So this class does both.
 */
@Singleton
final class VertxMeters implements VertxOptionsCustomizer {

    @Override
    @SuppressWarnings("deprecation") // Vert.x 5 takes the factory from its builder, which Quarkus does not offer
    public void accept(VertxOptions options) {
        options.setMetricsOptions(new MetricsOptions().setEnabled(true).setFactory(vertx -> new Receiver()));
    }

    private static final class Receiver extends OpenTelemetryVertxHttpServerMetrics {
        private final VertxMeterBinderAdapter micrometer = new VertxMeterBinderAdapter();

        @Override
        public PoolMetrics<?> createPoolMetrics(String poolType, String poolName, int maxPoolSize) {
            return micrometer.createPoolMetrics(poolType, poolName, maxPoolSize);
        }

        @Override
        public ConnectionTracker getHttpConnectionTracker() {
            return micrometer.getHttpConnectionTracker();
        }
    }
}
