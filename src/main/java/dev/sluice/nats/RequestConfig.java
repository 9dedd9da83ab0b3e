package dev.sluice.nats;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/** The bounds of request and reply: {@code sluice.request.*}. */
@ConfigMapping(prefix = "sluice.request")
public interface RequestConfig {

    /** How many requests may wait for their reply. Policy: one more is refused, OVERLOADED. */
    @WithDefault("4096")
    @Min(1)
    @Max(65_536)
    int window();

    /** How many bytes of payload callers over HTTP may have waiting. Policy: one more request is refused, OVERLOADED. */
    @WithDefault("64M")
    MemorySize windowBytes();
}
