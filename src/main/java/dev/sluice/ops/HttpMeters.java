package dev.sluice.ops;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

/**
 * Configures the timer of HTTP requests (rate, errors, duration), which Quarkus records by method, path template and
 * status: adds a histogram and replaces unknown methods, which a client can invent, with {@code OTHER}.
 */
final class HttpMeters implements MeterFilter {
    private static final String REQUESTS = "http.server.requests";
    private static final String METHOD = "method";
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    @Produces
    @Singleton
    MeterFilter filter() {
        return this;
    }

    @Override
    public Meter.Id map(Meter.Id id) {
        String method = id.getTag(METHOD);
        return !id.getName().equals(REQUESTS) || method == null || METHODS.contains(method)
                ? id
                : id.replaceTags(withMethod(id.getTags(), "OTHER"));
    }

    private static List<Tag> withMethod(List<Tag> tags, String method) {
        return tags.stream()
                .map(tag -> tag.getKey().equals(METHOD) ? Tag.of(METHOD, method) : tag)
                .toList();
    }

    @Override
    public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
        return id.getName().equals(REQUESTS)
                ? DistributionStatisticConfig.builder()
                        .serviceLevelObjectives(LatencyBuckets.nanos())
                        .build()
                        .merge(config)
                : config;
    }
}
