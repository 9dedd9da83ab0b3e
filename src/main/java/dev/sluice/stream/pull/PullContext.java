package dev.sluice.stream.pull;

import dev.sluice.nats.NatsLink;

/** What all subscriptions of a process share. */
record PullContext(
        NatsLink link,
        ConsumerApi api,
        PullDispatchers dispatchers,
        Ticker ticker,
        ProgressKeeper progress,
        PullCounters counters) {}
