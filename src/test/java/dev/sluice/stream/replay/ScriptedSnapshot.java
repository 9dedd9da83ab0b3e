package dev.sluice.stream.replay;

import dev.sluice.stream.pull.TestDeliveries;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Flow;

/** A snapshot whose entries arrive when a test says so. */
public final class ScriptedSnapshot {
    private final LastPerSubject reads;
    private boolean closed;

    ScriptedSnapshot(Selection selection, StreamState now) {
        reads = new LastPerSubject(selection, now, true, null, null);
        reads.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {
                closed = true;
            }
        });
    }

    LastPerSubject reads() {
        return reads;
    }

    /** Returns whether the consumer of this snapshot is released. */
    public boolean closed() {
        return closed;
    }

    /** @param pending number of entries that follow; the last one ends the snapshot */
    public void entry(long sequence, long pending) {
        byte[] data = Long.toString(sequence).getBytes(StandardCharsets.UTF_8);
        reads.onItem(TestDeliveries.of("$KV.b.k" + sequence, data, sequence, pending));
    }
}
