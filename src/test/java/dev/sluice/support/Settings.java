package dev.sluice.support;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;

/** Creates a {@code @ConfigMapping} as the service does, including defaults and conversion, without Quarkus. */
public final class Settings {
    private Settings() {}

    /** @param values values by full key; other keys have their defaults from the environment or the code */
    public static <T> T of(Class<T> mapping, Map<String, String> values) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .addSystemSources()
                .withDefaultValues(values)
                .withMapping(mapping)
                .build()
                .getConfigMapping(mapping);
    }
}
