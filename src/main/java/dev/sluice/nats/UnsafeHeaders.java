package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.Connection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Headers that must not be sent to a server because it fails on them.
 *
 * <p>In a cluster of 2.15.1, the replicas of a stream take a message with a wrong {@code Nats-Expected-Last-Msg-Id} for an
 * error of their storage: the stream loses its leader for good. 2.10.27 is not affected. The versions between are not known
 * to be safe, and a publisher does not know which streams have replicas, so the header is refused in every newer cluster.
 */
public final class UnsafeHeaders {
    private static final String FAILS_SINCE = "2.11.0";

    private UnsafeHeaders() {}

    /** Returns why a message with these headers must not be sent through {@code connection}; null if it may. */
    public static @Nullable SluiceException refusal(Connection connection, Map<String, List<String>> headers) {
        return headers.containsKey(NatsHeaders.EXPECTED_LAST_MESSAGE_ID)
                        && connection.getServerInfo().getCluster() != null
                        && connection.getServerInfo().isSameOrNewerThanVersion(FAILS_SINCE)
                ? Failure.NOT_SUPPORTED.because(NatsHeaders.EXPECTED_LAST_MESSAGE_ID
                        + " can destroy a replicated stream of this NATS cluster; nothing was sent")
                : null;
    }
}
