package dev.sluice.events;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** All clients with one view of a feed: each message is encoded once for them, and handed to each event loop once. */
final class Channel {
    /** Messages that were not to be seen, one after the other, after which the clients are told how far they are. */
    private static final int UNSEEN = 256;

    private final View view;
    private final List<Broadcast> broadcasts = new CopyOnWriteArrayList<>();
    private int unseen;

    Channel(View view) {
        this.view = view;
    }

    View view() {
        return view;
    }

    List<Broadcast> broadcasts() {
        return broadcasts;
    }

    @Nullable
    Broadcast find(EventLoop loop) {
        for (Broadcast broadcast : broadcasts) {
            if (broadcast.loop() == loop) {
                return broadcast;
            }
        }
        return null;
    }

    /** By the feed's thread. */
    void offer(Frame frame) {
        unseen = 0;
        for (Broadcast broadcast : broadcasts) {
            broadcast.offer(frame);
        }
    }

    /** The message at {@code id} is not to be seen; by the feed's thread. */
    void passOver(EventId id) {
        if (++unseen >= UNSEEN) {
            offer(new Frame(ControlEvents.reached(id), id.sequence()));
        }
    }
}
