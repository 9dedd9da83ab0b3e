package dev.sluice.events;

/** What becomes of a feed's bursts at one client, and of those that it cannot take. On the client's event loop. */
interface FeedSubscriber {
    /** For tails that no feed serves. */
    FeedSubscriber NONE = new FeedSubscriber() {
        @Override
        public void take(SharedBatch batch) {}

        @Override
        public void lose(long events) {}

        @Override
        public void status(byte[] frame) {}

        @Override
        public void relieved() {}

        @Override
        public void ending() {}

        @Override
        public void over() {}

        @Override
        public void denied(CloseReason reason) {}
    };

    void take(SharedBatch batch);

    /** {@code events} messages that were behind the last burst did not fit into the loop's buffer. */
    void lose(long events);

    /** NATS is away, or is back. */
    void status(byte[] frame);

    /** The socket has taken something. */
    void relieved();

    /** The tail is about to say its last word. */
    void ending();

    /** The feed has ended. */
    void over();

    /** NATS refuses the feed, which has ended; {@code reason} is what to tell the client. */
    void denied(CloseReason reason);
}
