package dev.sluice.stream.topology;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.Valid;
import java.time.Duration;
import java.util.Map;
import org.hibernate.validator.constraints.time.DurationMin;

/** Declared streams and consumers: {@code sluice.topology.*}. */
@ConfigMapping(prefix = "sluice.topology")
public interface TopologyConfig {

    /** Declared streams by name. */
    Map<String, @Valid StreamSettings> streams();

    /** Timeout of one JetStream API request. Policy: the request is sent again after {@code retry}. */
    @WithDefault("5s")
    @DurationMin(millis = 100)
    Duration timeout();

    /** Delay before streams and consumers that are not as declared are declared again. */
    @WithDefault("2s")
    @DurationMin(millis = 50)
    Duration retry();

    /** Interval of checks while everything is as declared. A check recreates deleted streams and consumers. */
    @WithDefault("30s")
    @DurationMin(millis = 50)
    Duration check();

    /** Interval of requests for the backlogs of the consumers: the maximum age of the backlog metrics. */
    @WithDefault("10s")
    @DurationMin(millis = 50)
    Duration backlogs();
}
