package dev.sluice.stream.pull;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import dev.sluice.stream.JetStreamConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Defaults for pulling from JetStream consumers. A subscription may override them. */
@ConfigMapping(prefix = "sluice.pull")
public interface PullConfig extends JetStreamConfig {

    /**
     * Maximum number of requested and waiting messages per subscription. Never more than downstream requested. A
     * consumer's {@code max_ack_pending} should not be lower.
     */
    @WithDefault("512")
    @AtLeast("1")
    @AtMost("65536")
    int prefetch();

    /**
     * Maximum number of requested and waiting bytes per subscription. A message larger than half of it is pulled alone.
     */
    @WithDefault("8388608")
    @AtLeast("1024")
    long prefetchBytes();

    /** Time that a pull stays open at the server if there are no messages. A new pull follows. */
    @WithDefault("30s")
    @AtLeast("1s")
    Duration expires();

    /**
     * Interval of the server's heartbeats for an idle pull, at most half of {@code expires}. After two missed
     * heartbeats all open pulls count as lost.
     */
    @WithDefault("2s")
    @AtLeast("250ms")
    Duration heartbeat();

    /**
     * Maximum time during which Sluice sends progress acks for an unsettled delivery, to prevent its redelivery. Zero
     * leaves progress acks to the handler.
     */
    @WithDefault("0s")
    Duration keepInProgress();

    /** Timeout of one JetStream API request about a consumer. A subscription then sends the request again. */
    @WithDefault("2s")
    @AtLeast("100ms")
    Duration apiTimeout();

    /** Number of dispatcher threads that receive messages from the connection. All subscriptions share them. */
    @WithDefault("2")
    @AtLeast("1")
    @AtMost("16")
    int dispatchers();
}
