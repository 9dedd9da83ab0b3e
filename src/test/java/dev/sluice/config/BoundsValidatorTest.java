package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.access.AccessConfig;
import dev.sluice.access.LimitsConfig;
import dev.sluice.embedded.EmbeddedConfig;
import dev.sluice.events.EventsConfig;
import dev.sluice.http.HttpConfig;
import dev.sluice.nats.NatsConfig;
import dev.sluice.nats.RequestConfig;
import dev.sluice.nats.SubscribeConfig;
import dev.sluice.orders.OrdersConfig;
import dev.sluice.pricing.PricingConfig;
import dev.sluice.stream.publish.PublishConfig;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.topology.TopologyConfig;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values of the configuration that are rejected, and how the problem names the key and the bound. */
class BoundsValidatorTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sluice.pull.prefetch                        | 0       | must be at least 1
            sluice.pull.prefetch                        | 65537   | must be at most 65536
            sluice.pull.heartbeat                       | 249ms   | must be at least 250ms
            sluice.pull.api-prefix                      | ' '     | must match .*\\S.*
            sluice.nats.max-reconnects                  | -2      | must be at least -1
            sluice.nats.reconnect-jitter                | -1s     | must be at least 0s
            sluice.nats.reconnect-wait                  | 61m     | must be at most 1h
            sluice.nats.connection-name                 | a b     | must match [A-Za-z0-9._-]{1,64}
            sluice.nats.tls.min-version                 | TLSv1.1 | must match TLSv1\\.[23]
            sluice.access.cookie                        | session | must match __(Host|Secure)-[A-Za-z0-9_-]+
            sluice.topology.streams.A.replicas          | 6       | must be at most 5
            sluice.topology.streams.A.max-age           | 40000d  | must be at most 36500d
            sluice.topology.streams.A.max-bytes         | 9999999999G | must be at most 9223372036854775807
            sluice.orders.status.max-age                | -1s     | must be at least 0s
            sluice.access.limits.bytes-per-second       | 0       | must be at least 1
            sluice.access.limits.bytes-per-second       | 2G      | must be at most 1000000000
            sluice.access.limits.instance-bytes-per-second | 2G   | must be at most 1000000000
            sluice.http.max-message-size                | 4G      | must be at most 2147483647
            sluice.http.max-line-size                   | 4G      | must be at most 2147483647
            sluice.http.max-json-size                   | 4G      | must be at most 2147483647
            sluice.http.send-buffer                     | 0       | must be at least 1
            sluice.subscribe.buffer-size                | 0       | must be at least 1
            sluice.request.reply-buffer-size            | 0       | must be at least 1
            sluice.publish.deadline                     | 200000d | must be at most 1h
            sluice.publish.backoff                      | 0s      | must be at least 1ms
            sluice.events.lifetime                      | 365000d | must be at most 365d
            sluice.events.lifetime                      | 0s      | must be at least 1s
            sluice.events.heartbeat                     | 99999999d | must be at most 1h
            sluice.embedded.start-timeout               | 0s      | must be at least 1ms
            sluice.topology.streams.A.consumers.b.ack-wait | 1ms  | must be at least 50ms
            sluice.topology.streams.A.consumers.b.backoff[0] | -1s | must be at least 0s
            """)
    void rejectsAValueOutOfBounds(String key, String value, String problem) {
        assertThatThrownBy(() -> read(key, value))
                .isInstanceOf(ConfigValidationException.class)
                .hasMessageContaining(key + " " + problem)
                .satisfies(rejected -> assertThat(((ConfigValidationException) rejected).getProblemCount())
                        .isEqualTo(1));
    }

    @ParameterizedTest
    @CsvSource({
        "sluice.pull.prefetch, 1",
        "sluice.pull.prefetch, 65536",
        "sluice.nats.reconnect-wait, 1h",
        "sluice.topology.streams.A.replicas, 5",
        "sluice.topology.streams.A.enabled, true"
    })
    void acceptsAValueAtABound(String key, String value) {
        assertThatCode(() -> read(key, value)).doesNotThrowAnyException();
    }

    @Test
    void reportsAllProblemsOfAMapping() {
        assertThatThrownBy(() -> read(Map.of("sluice.pull.prefetch", "0", "sluice.pull.dispatchers", "0")))
                .hasMessageContainingAll("sluice.pull.prefetch", "sluice.pull.dispatchers");
    }

    @Test
    void isFoundByTheConfiguration() {
        assertThat(ServiceLoader.load(io.smallrye.config.SmallRyeConfigBuilderCustomizer.class))
                .hasAtLeastOneElementOfType(BoundsValidator.class);
    }

    private static void read(String key, String value) {
        read(Map.of(key, value, "sluice.topology.streams.A.subjects", "a"));
    }

    private static void read(Map<String, String> values) {
        new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .withDefaultValues(values)
                .withDefaultValue("sluice.access.mode", "open")
                .withDefaultValue("user.home", "/")
                .withCustomizers(new BoundsValidator())
                .withMapping(AccessConfig.class)
                .withMapping(PublishConfig.class)
                .withMapping(SubscribeConfig.class)
                .withMapping(RequestConfig.class)
                .withMapping(EventsConfig.class)
                .withMapping(EmbeddedConfig.class)
                .withMapping(LimitsConfig.class)
                .withMapping(HttpConfig.class)
                .withMapping(NatsConfig.class)
                .withMapping(OrdersConfig.class)
                .withMapping(PricingConfig.class)
                .withMapping(PullConfig.class)
                .withMapping(TopologyConfig.class)
                .build();
    }
}
