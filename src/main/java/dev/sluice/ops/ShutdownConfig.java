package dev.sluice.ops;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Time limits of a graceful shutdown: {@code sluice.shutdown.*}. */
@ConfigMapping(prefix = "sluice.shutdown")
public interface ShutdownConfig {

    /**
     * Time for load balancers to notice that this instance is not ready, before tails are closed and HTTP/2
     * connections receive a GOAWAY. Responses over HTTP/1.1 have {@code Connection: close} from the beginning.
     */
    @WithDefault("2s")
    @AtLeast("0s")
    @AtMost("1h")
    Duration unready();

    /** Maximum time for the clients of tails to read their last events. After it, they are disconnected. */
    @WithDefault("5s")
    @AtLeast("0s")
    @AtMost("1h")
    Duration tails();

    /**
     * Maximum time for open requests to complete and for clients to disconnect, after the tails have ended.
     * After it, waiting fetches return the received messages, requests that wait for a reply fail, and at most four seconds
     * later connections are closed.
     */
    @WithDefault("10s")
    @AtLeast("0s")
    @AtMost("1h")
    Duration requests();

    /**
     * Maximum time for stored publishes to receive their receipts. After it, they fail with an error that reports an
     * unknown outcome.
     */
    @WithDefault("5s")
    @AtLeast("0s")
    @AtMost("1h")
    Duration publishes();
}
