package dev.sluice.nats;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;

/** Core subscriptions: {@code sluice.subscribe.*}. */
@ConfigMapping(prefix = "sluice.subscribe")
public interface SubscribeConfig {

    /** Most messages that wait in front of one subscriber; beyond it the subscription's overflow policy decides. */
    @WithDefault("65536")
    @Min(1)
    int bufferMessages();

    /** Most bytes that wait in front of one subscriber; a single larger message passes when nothing else waits. */
    @WithDefault("16M")
    MemorySize bufferSize();

    /** Threads that take messages from the connection; subscriptions are spread over them. */
    @WithDefault("2")
    @Min(1)
    int dispatchers();
}
