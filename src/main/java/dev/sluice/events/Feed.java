package dev.sluice.events;

import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubscriptionObserver;
import io.netty.channel.EventLoop;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What one subscription brings, for everybody who watches it. Each message is encoded once per format that somebody
 * watches, and handed to each event loop once.
 */
final class Feed implements SubscriptionObserver {
    private final EventsConfig config;
    private final List<Broadcast> broadcasts = new CopyOnWriteArrayList<>();
    private volatile byte @Nullable [] status;

    Feed(EventsConfig config) {
        this.config = config;
    }

    /** Called by the subscription's thread. */
    void publish(InboundMessage message) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Map<EventFormat, byte[]> encoded = new EnumMap<>(EventFormat.class);
        for (Broadcast broadcast : broadcasts) {
            broadcast.offer(encoded.computeIfAbsent(broadcast.format(), format -> format.encode(message, now)));
        }
    }

    /** Adds a client; on its event loop. */
    void add(Tail tail, EventFormat format, EventLoop loop) {
        Broadcast broadcast = find(format, loop);
        if (broadcast == null) {
            broadcast = new Broadcast(format, loop, config);
            broadcasts.add(broadcast);
        }
        broadcast.add(tail);
        byte[] now = status;
        if (now != null) {
            tail.tellStatus(now);
        }
    }

    /** Removes a client; on its event loop. */
    void remove(Tail tail, EventFormat format, EventLoop loop) {
        Broadcast broadcast = find(format, loop);
        if (broadcast != null) {
            broadcast.remove(tail);
            if (broadcast.empty()) {
                broadcasts.remove(broadcast);
            }
        }
    }

    @Override
    public void active() {
        tellStatus(ControlEvents.CONNECTED);
    }

    @Override
    public void interrupted() {
        tellStatus(ControlEvents.RECONNECTING);
    }

    private void tellStatus(byte[] frame) {
        status = frame;
        for (Broadcast broadcast : broadcasts) {
            broadcast.loop().execute(() -> broadcast.tellStatus(frame));
        }
    }

    /** Only the event loop itself adds and removes its broadcasts, so what it finds stays. */
    private @Nullable Broadcast find(EventFormat format, EventLoop loop) {
        for (Broadcast broadcast : broadcasts) {
            if (broadcast.loop() == loop && broadcast.format() == format) {
                return broadcast;
            }
        }
        return null;
    }
}
