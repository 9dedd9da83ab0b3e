package dev.sluice.ops;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;

/** The service's own log as messages: {@code sluice.logs.*}. */
@ConfigMapping(prefix = "sluice.logs")
public interface LogsConfig {

    /** Whether log records go to {@code logs.sluice.<level>}. On in development. */
    @WithDefault("false")
    boolean ship();

    /** Most records that wait to be shipped; newer ones are dropped and counted. */
    @WithDefault("1024")
    @Min(1)
    int buffer();
}
