package dev.sluice.support;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;

/** A {@code @ConfigMapping} as the service gets it, defaults and conversion included, without a running Quarkus. */
public final class Settings {
    private Settings() {}

    /** {@code values}: full key to text; every other key has its default, from the environment and the code. */
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
