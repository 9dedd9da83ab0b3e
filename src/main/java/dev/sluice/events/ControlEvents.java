package dev.sluice.events;

import dev.sluice.stream.replay.Gap;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** Encodes the frames that are not messages: control events about the client's own stream. */
final class ControlEvents {
    static final byte[] HEARTBEAT = new FrameBuilder(4).comment().end();
    static final byte[] CONNECTED = event("status", "{\"nats\":\"connected\"}");
    static final byte[] RECONNECTING = event("status", "{\"nats\":\"reconnecting\"}");

    static final byte[] RECREATED = event("gap", "{\"reason\":\"stream-recreated\"}");

    private ControlEvents() {}

    /**
     * Returns the first bytes of a tail. The comment makes the stream visible to proxies and browsers at once.
     */
    static byte[] prelude(Duration retry) {
        long millis = jittered(retry, 0.25).toMillis();
        return new FrameBuilder(32)
                .field("retry", Long.toString(millis))
                .comment()
                .end();
    }

    static byte[] dropped(long count) {
        return event("dropped", "{\"count\":" + count + "}");
    }

    static byte[] gap(Gap gap) {
        return event("gap", "{\"from\":" + gap.from() + ",\"to\":" + gap.to() + "}");
    }

    /**
     * Returns the event that precedes the present state of a bucket. Its id is that of the beginning: a client that
     * resumes before it has received another one needs that state too.
     */
    static byte[] purged(String epoch) {
        return new FrameBuilder(64)
                .id(new EventId(epoch, 0, 0))
                .field("event", "gap")
                .line("{\"reason\":\"purged\"}".getBytes(StandardCharsets.UTF_8))
                .end();
    }

    /** Returns the event after which the client of a watch has the state of its store at {@code revision}. */
    static byte[] current(long revision) {
        return event("current", "{\"revision\":" + revision + "}");
    }

    /**
     * Returns a frame that dispatches no event and sets the id to resume from: all messages up to {@code id} were sent
     * to the client or did not match.
     */
    static byte[] reached(EventId id) {
        return new FrameBuilder(40).id(id).end();
    }

    static byte[] closed(CloseReason reason) {
        return event("closed", "{\"reason\":\"" + reason.name().toLowerCase(Locale.ROOT) + "\"}");
    }

    /**
     * Returns {@code around}, changed by at most the fraction {@code spread} in either direction, so that clients do
     * not reconnect all at once.
     */
    static Duration jittered(Duration around, double spread) {
        double factor = 1 + spread * (2 * ThreadLocalRandom.current().nextDouble() - 1);
        return Duration.ofNanos((long) (around.toNanos() * factor));
    }

    private static byte[] event(String name, String json) {
        return new FrameBuilder(64)
                .field("event", name)
                .line(json.getBytes(StandardCharsets.UTF_8))
                .end();
    }
}
