package dev.sluice.http;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of the REST face: {@code sluice.http.*}. */
@ConfigMapping(prefix = "sluice.http")
public interface HttpConfig {

    /** Most bytes of one published message; more is answered 413. NATS' own limit, 1 MiB by default, still applies. */
    @WithDefault("1M")
    MemorySize maxMessageSize();

    /** How long a message's body may take to arrive; then 408 and the connection is closed. */
    @WithDefault("30s")
    Duration bodyTimeout();
}
