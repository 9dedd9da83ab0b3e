package dev.sluice.events;

import dev.sluice.stream.replay.Gap;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** The frames that are not messages: what a client is told about its own stream. */
final class ControlEvents {
    static final byte[] HEARTBEAT = new FrameBuilder(4).comment().end();
    static final byte[] CONNECTED = event("status", "{\"nats\":\"connected\"}");
    static final byte[] RECONNECTING = event("status", "{\"nats\":\"reconnecting\"}");

    static final byte[] RECREATED = event("gap", "{\"reason\":\"stream-recreated\"}");

    private ControlEvents() {}

    /** The first bytes of a stream. The comment makes proxies and browsers see the stream at once. */
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

    /** Dispatches nothing, and is where a client resumes: all up to {@code id} was sent to it, or was not for it. */
    static byte[] reached(EventId id) {
        return new FrameBuilder(40).field("id", id.toString()).end();
    }

    static byte[] closed(CloseReason reason) {
        return event("closed", "{\"reason\":\"" + reason.name().toLowerCase(Locale.ROOT) + "\"}");
    }

    /** {@code around}, moved by up to {@code spread} of it to either side, so that clients do not come back at once. */
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
