package dev.sluice.events;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** The frames that are not messages: what a client is told about its own stream. */
final class ControlEvents {
    static final byte[] HEARTBEAT = new EventFrame(4).comment().end();
    static final byte[] CONNECTED = event("status", "{\"nats\":\"connected\"}");
    static final byte[] RECONNECTING = event("status", "{\"nats\":\"reconnecting\"}");

    private ControlEvents() {}

    /** The first bytes of a stream. The comment makes proxies and browsers see the stream at once. */
    static byte[] prelude(Duration retry) {
        long millis = jittered(retry, 0.25).toMillis();
        return new EventFrame(32)
                .field("retry", Long.toString(millis))
                .comment()
                .end();
    }

    static byte[] dropped(long count) {
        return event("dropped", "{\"count\":" + count + "}");
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
        return new EventFrame(64)
                .field("event", name)
                .line(json.getBytes(StandardCharsets.UTF_8))
                .end();
    }
}
