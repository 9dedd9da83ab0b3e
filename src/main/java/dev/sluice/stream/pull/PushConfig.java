package dev.sluice.stream.pull;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;

/**
 * The bounds of push consumers: {@code sluice.push.*}. With flow control the server itself sends no more than 32 MiB
 * ahead, so these hold for what it sends without.
 */
@ConfigMapping(prefix = "sluice.push")
public interface PushConfig {

    /** Most messages that wait in front of one subscriber. Policy: its {@code Overflow}. */
    @WithDefault("500000")
    @Min(1)
    int bufferMessages();

    /** Most bytes that wait in front of one subscriber; a single larger message passes when nothing else waits. */
    @WithDefault("64M")
    MemorySize bufferSize();
}
