package dev.sluice.ops;

import dev.sluice.config.AtLeast;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Publishing of the service's own log: {@code sluice.logs.*}. */
@ConfigMapping(prefix = "sluice.logs")
public interface LogsConfig {

    /** Whether log records are published to {@code logs.sluice.<level>}. Enabled by default in development. */
    @WithDefault("false")
    boolean ship();

    /** Maximum number of log records that wait to be published. Policy: further records are dropped and counted. */
    @WithDefault("1024")
    @AtLeast("1")
    int buffer();
}
