package dev.sluice.stream.topology;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.Valid;
import java.time.Duration;
import java.util.Map;
import org.hibernate.validator.constraints.time.DurationMin;

/** The streams and consumers that have to exist: {@code sluice.topology.*}. */
@ConfigMapping(prefix = "sluice.topology")
public interface TopologyConfig {

    /** Streams by name. */
    Map<String, @Valid StreamSettings> streams();

    /** How long one question to the JetStream API waits for its answer. Policy: asked again after {@code retry}. */
    @WithDefault("5s")
    @DurationMin(millis = 100)
    Duration timeout();

    /** The pause before what is not as declared is tried again. */
    @WithDefault("2s")
    @DurationMin(millis = 50)
    Duration retry();

    /** How often all is looked at again while it is as declared; what somebody deleted is created anew then. */
    @WithDefault("30s")
    @DurationMin(millis = 50)
    Duration check();

    /** How often the server is asked how far the consumers are behind: the age of what the metrics say. */
    @WithDefault("10s")
    @DurationMin(millis = 50)
    Duration backlogs();
}
