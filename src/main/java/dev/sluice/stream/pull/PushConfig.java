package dev.sluice.stream.pull;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/**
 * Buffer limits of push subscriptions: {@code sluice.push.*}. They matter for consumers without flow control. With flow
 * control the server sends at most 32 MiB ahead.
 */
@ConfigMapping(prefix = "sluice.push")
public interface PushConfig {

    /** Maximum number of buffered messages per subscriber. Policy: the subscriber's {@code Overflow}. */
    @WithDefault("500000")
    @AtLeast("1")
    int bufferMessages();

    /** Maximum number of buffered bytes per subscriber. A single larger message is accepted if the buffer is empty. */
    @WithDefault("64M")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize bufferSize();
}
