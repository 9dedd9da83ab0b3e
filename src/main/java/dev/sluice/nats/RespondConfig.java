package dev.sluice.nats;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** The bounds of answering requests: {@code sluice.respond.*}. */
@ConfigMapping(prefix = "sluice.respond")
public interface RespondConfig {

    /** How many requests one responder works on at once. Policy: one more is answered at once, with error 503. */
    @WithDefault("256")
    @Min(1)
    int window();

    /** How long the work on one request may take. Policy: it is cancelled, and the request answered with error 504. */
    @WithDefault("5s")
    @DurationMin(millis = 10)
    Duration timeout();
}
