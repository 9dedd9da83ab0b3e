package dev.sluice.support;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;

/** Creates a {@code @ConfigMapping} as the service does, including defaults and conversion, without Quarkus. */
public final class Settings {
    private Settings() {}

    /**
     * @param values values by full key, which no other source can replace: a Quarkus test in the same JVM leaves its overrides
     *     in the system properties; other keys have their defaults from the environment or the code
     */
    public static <T> T of(Class<T> mapping, Map<String, String> values) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .addSystemSources()
                .withSources(new PropertiesConfigSource(values, "given", Integer.MAX_VALUE))
                .withMapping(mapping)
                .build()
                .getConfigMapping(mapping);
    }
}
