package dev.sluice.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An environment variable sets each key of the streams and consumers that Sluice declares. */
class TopologyEnvironmentTest {
    private static final Map<String, String> OF_A_STREAM = Map.ofEntries(
            Map.entry("enabled", "false"),
            Map.entry("narrow", "true"),
            Map.entry("subjects", "other.>"),
            Map.entry("max-age", "3d"),
            Map.entry("storage", "memory"),
            Map.entry("replicas", "3"),
            Map.entry("max-bytes", "3G"),
            Map.entry("max-messages", "7"),
            Map.entry("max-messages-per-subject", "7"),
            Map.entry("max-message-size", "7K"),
            Map.entry("discard", "new"),
            Map.entry("retention", "interest"),
            Map.entry("duplicate-window", "7m"),
            Map.entry("allow-direct", "false"),
            Map.entry("allow-batched", "true"),
            Map.entry("allow-atomic", "true"));
    private static final Map<String, String> OF_A_CONSUMER = Map.of(
            "filter-subjects", "other.>",
            "ack-wait", "7s",
            "backoff", "1s,2s",
            "max-deliver", "7",
            "max-ack-pending", "7",
            "deliver", "new");

    static Stream<Arguments> keys() {
        return Stream.concat(
                Stream.of("ORDERS", "DEAD_LETTERS", "ORDERS_EXHAUSTED", "LOGS")
                        .flatMap(stream -> keys(stream + ".", OF_A_STREAM)),
                Stream.of(
                                "ORDERS.consumers.order-processor.",
                                "ORDERS.consumers.order-batch-processor.",
                                "ORDERS_EXHAUSTED.consumers.order-undertaker.")
                        .flatMap(consumer -> keys(consumer, OF_A_CONSUMER)));
    }

    private static Stream<Arguments> keys(String prefix, Map<String, String> values) {
        return values.entrySet().stream()
                .map(value -> Arguments.of("sluice.topology.streams." + prefix + value.getKey(), value.getValue()));
    }

    @ParameterizedTest
    @MethodSource("keys")
    void setsTheKey(String key, String value) throws Exception {
        String variable = key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(
                        Path.of("src/main/resources/application.properties")
                                .toUri()
                                .toURL(),
                        250))
                .withSources(new EnvConfigSource(Map.of(variable, value), 300))
                .withMapping(TopologyConfig.class)
                .build();

        Map<String, StreamSettings> streams =
                config.getConfigMapping(TopologyConfig.class).streams();
        assertThat(streams).containsOnlyKeys("ORDERS", "DEAD_LETTERS", "ORDERS_EXHAUSTED", "LOGS");
        assertThat(streams.get("ORDERS").consumers()).containsOnlyKeys("order-processor", "order-batch-processor");
        assertThat(streams.get("ORDERS_EXHAUSTED").consumers()).containsOnlyKeys("order-undertaker");
        assertThat(config.getRawValue(key)).isEqualTo(value);
    }
}
