package dev.sluice.stream.pull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.Connection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the server has reported about consumers in the last seconds. A worker that fetches one message after another then
 * pulls at once: the info of a consumer costs the server more than a message.
 *
 * <p>Only the configuration is of use, the state has changed. An info counts for the connection on which it came, and only
 * where the server answers a pull from a missing consumer: not before 2.10, and not in another domain or account. A consumer
 * of the same name may have been created meanwhile with another ack policy, so only infos of consumers with explicit acks
 * are kept: an ack that nobody expects does no harm, a message without a token could not be acked. Beyond {@link
 * #MAX_CONSUMERS}, those that are used least are asked for again. Thread-safe.
 */
final class RecentConsumers {
    private static final Duration MAX_AGE = Duration.ofSeconds(5);
    private static final int MAX_CONSUMERS = 1_000;
    private static final String MISSING_IS_ANSWERED_SINCE = "2.10.0";

    private final boolean elsewhere;
    private final Cache<ConsumerRef, Known> recent = Caffeine.newBuilder()
            .maximumSize(MAX_CONSUMERS)
            .expireAfterWrite(MAX_AGE)
            .build();

    RecentConsumers(JetStreamApi api) {
        this.elsewhere = api.elsewhere();
    }

    void put(ConsumerRef ref, Connection connection, ConsumerInfo info) {
        if (info.ackMode() == AckMode.EXPLICIT
                && !elsewhere
                && connection.getServerInfo().isSameOrNewerThanVersion(MISSING_IS_ANSWERED_SINCE)) {
            recent.put(ref, new Known(connection, info));
        }
    }

    @Nullable
    ConsumerInfo get(ConsumerRef ref, Connection connection) {
        Known known = recent.getIfPresent(ref);
        return known != null && known.connection() == connection ? known.info() : null;
    }

    void remove(ConsumerRef ref) {
        recent.invalidate(ref);
    }

    private record Known(Connection connection, ConsumerInfo info) {}
}
