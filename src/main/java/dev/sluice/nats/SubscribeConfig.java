package dev.sluice.nats;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Limits of core subscriptions: {@code sluice.subscribe.*}. */
@ConfigMapping(prefix = "sluice.subscribe")
public interface SubscribeConfig {

    /**
     * Maximum number of buffered messages per subscriber. Policy: the overflow policy of the subscription applies. Core
     * tails drop the oldest messages and report their number. It is also the number of messages that may wait for one
     * dispatcher thread. Policy: beyond it, a subscription that drops its oldest messages loses what exceeds a sixteenth of it.
     */
    @WithDefault("65536")
    @AtLeast("1")
    int bufferMessages();

    /**
     * Maximum number of buffered bytes per subscriber, and of bytes that may wait for one dispatcher thread, as above. A
     * single larger message passes if the buffer is empty.
     */
    @WithDefault("16M")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize bufferSize();

    /** Number of dispatcher threads that receive messages from the connection. Subscriptions are spread over them. */
    @WithDefault("2")
    @AtLeast("1")
    int dispatchers();
}
