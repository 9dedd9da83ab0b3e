package dev.sluice.nats;

import dev.sluice.failure.Failure;
import io.nats.client.Connection;
import java.util.List;
import java.util.Map;

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

    /**
     * Checks the headers of a message before it is sent.
     *
     * @throws dev.sluice.failure.SluiceException {@code NOT_SUPPORTED} if {@code connection} must not carry them
     */
    public static void requireNone(Connection connection, Map<String, List<String>> headers) {
        if (headers.containsKey(NatsHeaders.EXPECTED_LAST_MESSAGE_ID)
                && connection.getServerInfo().getCluster() != null
                && connection.getServerInfo().isSameOrNewerThanVersion(FAILS_SINCE)) {
            throw Failure.NOT_SUPPORTED.because(NatsHeaders.EXPECTED_LAST_MESSAGE_ID
                    + " can destroy a replicated stream of this NATS cluster; nothing was sent");
        }
    }
}
