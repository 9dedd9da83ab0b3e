package dev.sluice.events;

import dev.sluice.stream.replay.Gap;

/**
 * Receives the batches of a feed for one client, and handles those that the client cannot take. Confined to the
 * client's event loop.
 */
interface FeedSubscriber {
    /** For tails without a feed. */
    FeedSubscriber NONE = new FeedSubscriber() {
        @Override
        public void take(SharedBatch batch) {}

        @Override
        public void dropped(long events) {}

        @Override
        public void status(byte[] frame) {}

        @Override
        public void removed(Gap gap) {}

        @Override
        public void drained() {}

        @Override
        public void beforeEnd() {}

        @Override
        public void ended() {}

        @Override
        public void denied(CloseReason reason) {}
    };

    void take(SharedBatch batch);

    /** Reports that {@code events} messages after the last batch were dropped, for example beyond the loop's buffer. */
    void dropped(long events);

    /** Reports that NATS is unreachable, or reachable again. */
    void status(byte[] frame);

    /** Reports that messages were removed from a bucket although no later message of their key replaces them. */
    void removed(Gap gap);

    /** Called after the socket has taken data. */
    void drained();

    /** Called before the last event of the tail is written. */
    void beforeEnd();

    /** Reports that the feed has ended. */
    void ended();

    /** Reports that NATS denied the feed, which has ended; the client receives {@code reason}. */
    void denied(CloseReason reason);
}
