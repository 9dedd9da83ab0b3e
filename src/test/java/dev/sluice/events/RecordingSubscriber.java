package dev.sluice.events;

import dev.sluice.stream.replay.Gap;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** A subscriber that records what it receives. */
class RecordingSubscriber implements FeedSubscriber {
    final List<String> got = new ArrayList<>();

    @Override
    public void take(SharedBatch batch) {
        Buffer bytes = batch.retain().bytes();
        got.add(bytes.toString());
        batch.release();
    }

    @Override
    public void dropped(long events) {
        got.add("dropped " + events);
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
    public void drained() {}

    @Override
    public void beforeEnd() {}

    @Override
    public void ended() {
        got.add("ended");
    }

    @Override
    public void denied(CloseReason reason) {
        got.add("denied " + reason);
    }

    String text() {
        return String.join("|", got);
    }
}
