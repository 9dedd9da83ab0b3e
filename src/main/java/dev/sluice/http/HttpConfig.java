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

    /** Most bytes of one line of a bulk publish; a longer one gets a receipt, 413, and the next lines go on. */
    @WithDefault("2M")
    MemorySize maxLineSize();

    /**
     * How long a bulk publish may go on without a whole line coming in or a receipt being taken; then it ends, with 408
     * as its last receipt. A blank line, which is otherwise ignored, keeps it open.
     */
    @WithDefault("30s")
    Duration lineTimeout();
}
