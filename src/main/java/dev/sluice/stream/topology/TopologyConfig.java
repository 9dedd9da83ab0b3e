package dev.sluice.stream.topology;

import dev.sluice.config.AtLeast;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Map;

/** Declared streams and consumers: {@code sluice.topology.*}. */
@ConfigMapping(prefix = "sluice.topology")
public interface TopologyConfig {

    /** Declared streams by name. */
    Map<String, StreamSettings> streams();

    /** Timeout of one JetStream API request. Policy: the request is sent again after {@code retry}. */
    @WithDefault("5s")
    @AtLeast("100ms")
    Duration timeout();

    /** Delay before streams and consumers that are not as declared are declared again. */
    @WithDefault("2s")
    @AtLeast("50ms")
    Duration retry();

    /** Interval of checks while everything is as declared. A check recreates deleted streams and consumers. */
    @WithDefault("30s")
    @AtLeast("50ms")
    Duration check();

    /** Interval of requests for the backlogs of the consumers: the maximum age of the backlog metrics. */
    @WithDefault("10s")
    @AtLeast("50ms")
    Duration backlogs();
}
