package dev.sluice.nats;

import dev.sluice.config.AtLeast;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of responders: {@code sluice.respond.*}. */
@ConfigMapping(prefix = "sluice.respond")
public interface RespondConfig {

    /** Maximum number of concurrent requests per responder. Policy: a further one gets error reply 503 immediately. */
    @WithDefault("256")
    @AtLeast("1")
    int window();

    /** Timeout of the work on one request. Policy: the work is cancelled and the request gets an error reply, 504. */
    @WithDefault("5s")
    @AtLeast("10ms")
    Duration timeout();
}
