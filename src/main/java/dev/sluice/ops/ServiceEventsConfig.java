package dev.sluice.ops;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Events that services publish about themselves: {@code sluice.service-events.*}. */
@ConfigMapping(prefix = "sluice.service-events")
public interface ServiceEventsConfig {

    /** Whether each event on {@code service.*.events} is logged and counted. */
    @WithDefault("true")
    boolean enabled();
}
