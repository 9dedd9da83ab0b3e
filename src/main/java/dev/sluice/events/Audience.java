package dev.sluice.events;

import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubscriptionObserver;
import io.netty.channel.EventLoop;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Everybody who watches one feed. Clients join and leave on their event loops; the feed's thread publishes.
 *
 * <p>Who joins sees every message behind the head that it was told: a message is the head before it is handed to
 * anybody.
 */
final class Audience implements SubscriptionObserver {
    private final EventsConfig config;
    private final Runnable whenTaken;
    private final List<Channel> channels = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private volatile byte @Nullable [] status;
    private volatile @Nullable CloseReason refusal;

    /** @param whenTaken run on an event loop that is about to send what has gathered for it */
    Audience(EventsConfig config, Runnable whenTaken) {
        this.config = config;
        this.whenTaken = whenTaken;
    }

    /** @param head the sequence of the last message that was published; asked for after the client can be reached */
    Broadcast join(Receiver receiver, View view, EventLoop loop, LongSupplier head) {
        Broadcast broadcast = broadcast(view, loop, head);
        broadcast.add(receiver);
        byte[] now = status;
        if (now != null) {
            receiver.status(now);
        }
        CloseReason refused = refusal;
        if (refused != null) {
            receiver.denied(refused);
        }
        return broadcast;
    }

    synchronized void leave(Receiver receiver, View view, EventLoop loop) {
        Channel channel = find(view);
        Broadcast broadcast = channel == null ? null : channel.find(loop);
        if (channel == null || broadcast == null) {
            return;
        }
        broadcast.remove(receiver);
        if (broadcast.empty()) {
            channel.broadcasts().remove(broadcast);
        }
        if (channel.broadcasts().isEmpty()) {
            channels.remove(channel);
        }
    }

    /** @param id null on a core source */
    void publish(InboundMessage message, Instant time, @Nullable EventId id) {
        for (Channel channel : channels) {
            byte[] event = channel.view().show(message, time, id);
            if (event != null) {
                channel.offer(new Frame(event, id == null ? 0 : id.sequence()));
            } else if (id != null) {
                channel.passOver(id);
            }
        }
    }

    /** Whether some event loop has as much as it should. */
    boolean crowded() {
        for (Channel channel : channels) {
            for (Broadcast broadcast : channel.broadcasts()) {
                if (broadcast.crowded()) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public void active() {
        tellStatus(ControlEvents.CONNECTED);
    }

    @Override
    public void interrupted() {
        tellStatus(ControlEvents.RECONNECTING);
    }

    /** The feed has ended. */
    void over() {
        tellAll(Receiver::over);
    }

    /** NATS refuses the feed, which has ended with {@code failure}. */
    void denied(Throwable failure) {
        CloseReason reason = CloseReason.after(failure);
        refusal = reason;
        begun.completeExceptionally(failure);
        tellAll(receiver -> receiver.denied(reason));
    }

    /** Completes when it is known whether the feed is in force, on a thread that must not block; fails if NATS refuses it. */
    CompletionStage<Void> begun() {
        return begun;
    }

    private void tellStatus(byte[] frame) {
        status = frame;
        begun.complete(null);
        tellAll(receiver -> receiver.status(frame));
    }

    private void tellAll(Consumer<Receiver> news) {
        for (Channel channel : channels) {
            for (Broadcast broadcast : channel.broadcasts()) {
                broadcast.loop().execute(() -> broadcast.tellAll(news));
            }
        }
    }

    private synchronized Broadcast broadcast(View view, EventLoop loop, LongSupplier head) {
        Channel channel = find(view);
        if (channel == null) {
            channel = new Channel(view);
            channels.add(channel);
        }
        Broadcast broadcast = channel.find(loop);
        if (broadcast == null) {
            broadcast = new Broadcast(loop, config, whenTaken);
            channel.broadcasts().add(broadcast);
            broadcast.begin(head.getAsLong());
        }
        return broadcast;
    }

    private @Nullable Channel find(View view) {
        for (Channel channel : channels) {
            if (channel.view().equals(view)) {
                return channel;
            }
        }
        return null;
    }
}
