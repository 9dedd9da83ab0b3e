package dev.sluice.events;

import dev.sluice.stream.replay.Gap;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** A subscriber that records what it receives. */
class RecordingReceiver implements FeedSubscriber {
    final List<String> got = new ArrayList<>();

    @Override
    public void take(SharedBatch batch) {
        Buffer bytes = batch.retain().bytes();
        got.add(bytes.toString());
        batch.release();
    }

    @Override
    public void lose(long events) {
        got.add("lost " + events);
    }

    @Override
    public void status(byte[] frame) {
        got.add("status");
    }

    @Override
    public void removed(Gap gap) {
        got.add("removed " + gap.from() + " to " + gap.to());
    }

    @Override
    public void relieved() {}

    @Override
    public void ending() {}

    @Override
    public void over() {
        got.add("over");
    }

    @Override
    public void denied(CloseReason reason) {
        got.add("denied " + reason);
    }

    String text() {
        return String.join("|", got);
    }
}
