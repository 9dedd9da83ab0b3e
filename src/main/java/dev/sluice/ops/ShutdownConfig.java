package dev.sluice.ops;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long a stopping service waits for what is under way: {@code sluice.shutdown.*}. */
@ConfigMapping(prefix = "sluice.shutdown")
public interface ShutdownConfig {

    /** For load balancers to see that this instance is not ready any more, before anybody is sent away. */
    @WithDefault("2s")
    Duration unready();

    /** For the clients of event streams to read their last event; then they are cut off. */
    @WithDefault("5s")
    Duration tails();

    /**
     * For requests under way to be answered and for clients to leave, once the event streams have ended. Then fetches that
     * wait for messages are answered with what has come, and a second later connections are cut.
     */
    @WithDefault("10s")
    Duration requests();

    /** For stored publishes to get their receipts; then their callers get an error that says the outcome is unknown. */
    @WithDefault("5s")
    Duration publishes();
}
