package dev.sluice.stream.publish;

/** A batch that is under way: how far it has come, and the way to it. */
record RunningBatch(FastBatch state, BatchInbox inbox) {

    /** Sends message {@code line} of the ingest as the next of the batch. */
    void send(IngestLine line, long now) {
        inbox.send(state.sent() + 1, line);
        state.sent(now);
    }

    /** Ends it, if it was not ended before; the clock tells if no answer comes to that. */
    void commit(long now) {
        if (state.open()) {
            inbox.commit(state.sent() + 1);
            state.ending(now);
        }
    }
}
