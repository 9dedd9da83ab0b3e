package dev.sluice.stream.pull;

import dev.sluice.nats.NatsLink;
import dev.sluice.stream.JetStreamApi;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The objects that all subscriptions of one kind (pull or push) share.
 *
 * @param fetches fetches that have not ended; thread-safe
 */
record PullContext(
        NatsLink link,
        JetStreamApi api,
        PullDispatchers dispatchers,
        Ticker ticker,
        InProgressHeartbeat progress,
        PullCounters counters,
        Set<Fetch> fetches) {

    static PullContext of(NatsLink link, PullConfig config) {
        return new PullContext(
                link,
                new JetStreamApi(link, config.apiPrefix(), config.apiTimeout()),
                new PullDispatchers(config.dispatchers()),
                new Ticker(),
                new InProgressHeartbeat(),
                new PullCounters(),
                ConcurrentHashMap.newKeySet());
    }
}
