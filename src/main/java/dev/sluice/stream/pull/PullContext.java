package dev.sluice.stream.pull;

import dev.sluice.nats.NatsLink;

/** What all subscriptions of one kind share. */
record PullContext(
        NatsLink link,
        ConsumerApi api,
        PullDispatchers dispatchers,
        Ticker ticker,
        ProgressKeeper progress,
        PullCounters counters) {

    static PullContext of(NatsLink link, PullConfig config) {
        return new PullContext(
                link,
                new ConsumerApi(link, config.apiPrefix(), config.apiTimeout()),
                new PullDispatchers(config.dispatchers()),
                new Ticker(),
                new ProgressKeeper(),
                new PullCounters());
    }
}
