package dev.sluice.stream.publish;

/** A batch in progress: its state and its control channel. */
record RunningBatch(FastBatch state, BatchInbox inbox) {

    /** Sends message {@code line} of the ingest as the next of the batch. */
    void send(IngestLine line, long now) {
        inbox.send(state.sent() + 1, line);
        state.sent(now);
    }

    /** Commits the batch if it is open. {@link FastBatch#due} handles a missing answer. */
    void commit(long now) {
        if (state.open()) {
            inbox.commit(state.sent() + 1);
            state.ending(now);
        }
    }
}
