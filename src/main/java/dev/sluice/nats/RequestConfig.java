package dev.sluice.nats;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Limits of request/reply: {@code sluice.request.*}. */
@ConfigMapping(prefix = "sluice.request")
public interface RequestConfig {

    /** Maximum number of requests that wait for their reply. Policy: a further request is rejected with 429. */
    @WithDefault("4096")
    @AtLeast("1")
    @AtMost("65536")
    int window();

    /**
     * Maximum number of replies to one request with several replies that wait for its client. Policy: the response is cut
     * off.
     */
    @WithDefault("1024")
    @AtLeast("1")
    int replyBufferMessages();

    /** Maximum size of these replies in bytes; a single larger reply is accepted if nothing else waits. */
    @WithDefault("1M")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize replyBufferSize();

    /** Maximum payload bytes of waiting requests from HTTP clients. Policy: a further one is rejected with 429. */
    @WithDefault("64M")
    @AtLeast("1")
    MemorySize windowBytes();
}
