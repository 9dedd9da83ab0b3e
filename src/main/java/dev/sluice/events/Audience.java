package dev.sluice.events;

import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubscriptionObserver;
import io.netty.channel.EventLoop;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Everybody who watches one feed. Clients join and leave on their event loops; the feed's thread publishes.
 *
 * <p>Who joins sees every message behind the head that it was told: a message is the head before it is handed to
 * anybody.
 */
final class Audience implements SubscriptionObserver {
    private static final Logger LOG = Logger.getLogger(Audience.class);

    private final EventsConfig config;
    private final FilterWorkers workers;
    private final Runnable whenTaken;
    private final Map<View, Channel> channels = new HashMap<>();
    /** The channels as the feed's thread goes through them; null when they have changed since. */
    private volatile Channel @Nullable [] current;

    private volatile byte @Nullable [] status;
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private volatile boolean over;
    private volatile @Nullable CloseReason refusal;

    /**
     * @param workers evaluate the filters
     * @param whenTaken run on an event loop that is about to send what has gathered for it
     */
    Audience(EventsConfig config, FilterWorkers workers, Runnable whenTaken) {
        this.config = config;
        this.workers = workers;
        this.whenTaken = whenTaken;
    }

    /**
     * Adds {@code receiver}; one that joins a feed that is over, or refused, is told so.
     *
     * @param head the sequence of the last message that was published; asked for after the client can be reached
     */
    Broadcast join(Receiver receiver, View view, EventLoop loop, LongSupplier head) {
        Broadcast broadcast = broadcast(view, loop, head);
        broadcast.add(receiver);
        byte[] now = status;
        if (now != null) {
            receiver.status(now);
        }
        if (over) {
            loop.execute(receiver::over);
        }
        CloseReason refused = refusal;
        if (refused != null) {
            loop.execute(() -> receiver.denied(refused));
        }
        return broadcast;
    }

    synchronized void leave(Receiver receiver, View view, EventLoop loop) {
        Channel channel = channels.get(view);
        Broadcast broadcast = channel == null ? null : channel.find(loop);
        if (channel == null || broadcast == null) {
            return;
        }
        broadcast.remove(receiver);
        if (broadcast.empty()) {
            channel.broadcasts().remove(broadcast);
        }
        if (channel.broadcasts().isEmpty()) {
            channels.remove(view);
            current = null;
            channel.close();
        }
    }

    /**
     * Hands a message to everybody; by the feed's thread. A channel that fails is told that it has lost the message, and
     * the others get it.
     *
     * @param id null on a core source
     */
    void publish(InboundMessage message, Instant time, @Nullable EventId id) {
        FeedMessage shared = new FeedMessage(message, time, id);
        for (Channel channel : channels()) {
            try {
                channel.publish(shared);
            } catch (Throwable fault) {
                LOG.errorf(fault, "A message of %s could not be shown", message.subject());
                channel.lost(1, shared.sequence());
            }
        }
    }

    /** Whether some event loop has as much as it should. */
    boolean crowded() {
        for (Channel channel : channels()) {
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
        over = true;
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
        for (Channel channel : channels()) {
            for (Broadcast broadcast : channel.broadcasts()) {
                broadcast.loop().execute(() -> broadcast.tellAll(news));
            }
        }
    }

    private synchronized Broadcast broadcast(View view, EventLoop loop, LongSupplier head) {
        Channel channel = channels.get(view);
        if (channel == null) {
            channel = new Channel(view, workers);
            channels.put(view, channel);
            current = null;
        }
        Broadcast broadcast = channel.find(loop);
        if (broadcast == null) {
            broadcast = new Broadcast(loop, config, whenTaken);
            channel.broadcasts().add(broadcast);
            broadcast.begin(head.getAsLong());
        }
        return broadcast;
    }

    private Channel[] channels() {
        Channel[] known = current;
        return known == null ? look() : known;
    }

    private synchronized Channel[] look() {
        Channel[] now = channels.values().toArray(new Channel[0]);
        current = now;
        return now;
    }
}
