package dev.sluice.stream.pull;

import dev.sluice.stream.JetStreamApi;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** Defaults for pulling from JetStream consumers. A subscription may override them. */
@ConfigMapping(prefix = "sluice.pull")
public interface PullConfig {

    /**
     * Maximum number of requested and waiting messages per subscription. Never more than downstream requested. A
     * consumer's {@code max_ack_pending} should not be lower.
     */
    @WithDefault("512")
    @Min(1)
    @Max(65_536)
    int prefetch();

    /**
     * Maximum number of requested and waiting bytes per subscription. A message larger than half of it is pulled alone.
     */
    @WithDefault("8388608")
    @Min(1024)
    long prefetchBytes();

    /** Time that a pull stays open at the server if there are no messages. A new pull follows. */
    @WithDefault("30s")
    @DurationMin(seconds = 1)
    Duration expires();

    /**
     * Interval of the server's heartbeats for an idle pull, at most half of {@code expires}. After two missed
     * heartbeats all open pulls count as lost.
     */
    @WithDefault("2s")
    @DurationMin(millis = 250)
    Duration heartbeat();

    /**
     * Maximum time during which Sluice sends progress acks for an unsettled delivery, to prevent its redelivery. Zero
     * leaves progress acks to the handler.
     */
    @WithDefault("0s")
    Duration keepInProgress();

    /** Timeout of one JetStream API request about a consumer. A subscription then sends the request again. */
    @WithDefault("2s")
    @DurationMin(millis = 100)
    Duration apiTimeout();

    /** Subject prefix of the JetStream API: {@code $JS.API}, or {@code $JS.<domain>.API}, or an imported prefix. */
    @WithDefault(JetStreamApi.DEFAULT_PREFIX)
    @NotBlank
    String apiPrefix();

    /** Number of dispatcher threads that receive messages from the connection. All subscriptions share them. */
    @WithDefault("2")
    @Min(1)
    @Max(16)
    int dispatchers();
}
