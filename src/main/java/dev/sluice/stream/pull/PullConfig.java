package dev.sluice.stream.pull;

import dev.sluice.stream.JetStreamApi;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** How Sluice pulls from JetStream consumers, unless a subscription says otherwise. */
@ConfigMapping(prefix = "sluice.pull")
public interface PullConfig {

    /**
     * Messages asked for and waiting at once, per subscription. Never more than downstream requested; a consumer's
     * {@code max_ack_pending} should not be less.
     */
    @WithDefault("512")
    @Min(1)
    @Max(65_536)
    int prefetch();

    /** The same in bytes. A message larger than half of it is asked for alone. */
    @WithDefault("8388608")
    @Min(1024)
    long prefetchBytes();

    /** How long one pull stays open at the server while there is nothing to deliver; then it is sent again. */
    @WithDefault("30s")
    @DurationMin(seconds = 1)
    Duration expires();

    /**
     * How often the server says that an idle pull is alive, at most half of {@code expires}. Two without a sign of life
     * and all open pulls count as lost.
     */
    @WithDefault("2s")
    @DurationMin(millis = 250)
    Duration heartbeat();

    /**
     * How long a delivery that is not settled is kept from being delivered again, by telling the server that work is in
     * progress; zero leaves that to the handler.
     */
    @WithDefault("0s")
    Duration keepInProgress();

    /** How long one question about a consumer waits for its answer before it is asked again. */
    @WithDefault("2s")
    @DurationMin(millis = 100)
    Duration apiTimeout();

    /** Where the JetStream API is: {@code $JS.API}, or {@code $JS.<domain>.API}, or an imported prefix. */
    @WithDefault(JetStreamApi.DEFAULT_PREFIX)
    @NotBlank
    String apiPrefix();

    /** Threads that take messages from the connection, shared by all subscriptions. */
    @WithDefault("2")
    @Min(1)
    @Max(16)
    int dispatchers();
}
