package dev.sluice.stream.pull;

import dev.sluice.flow.Ticker;
import dev.sluice.nats.Dispatchers;
import dev.sluice.nats.NatsLink;
import dev.sluice.stream.JetStreamApi;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The objects that all subscriptions of one kind (pull or push) share.
 *
 * @param fetches fetches that have not ended; thread-safe
 * @param recent what fetches know about their consumers
 */
record PullContext(
        NatsLink link,
        JetStreamApi api,
        Dispatchers dispatchers,
        Ticker ticker,
        InProgressHeartbeat progress,
        PullCounters counters,
        Set<Fetch> fetches,
        RecentConsumers recent) {

    /** The period of the ticker. */
    static final Duration TICK = Duration.ofMillis(250);

    static PullContext of(NatsLink link, JetStreamApi api, PullConfig config) {
        Ticker ticker = new Ticker(TICK, "sluice-pull-ticker");
        return new PullContext(
                link,
                api,
                new Dispatchers(config.dispatchers()),
                ticker,
                new InProgressHeartbeat(ticker),
                new PullCounters(),
                ConcurrentHashMap.newKeySet(),
                new RecentConsumers(api));
    }

    /** Converts {@code duration} to ticks, rounded up; at least one. */
    static int ticks(Duration duration) {
        long ticks = (duration.toMillis() + TICK.toMillis() - 1) / TICK.toMillis();
        return (int) Math.max(1, Math.min(ticks, Integer.MAX_VALUE));
    }
}
