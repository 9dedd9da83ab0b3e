package dev.sluice.events;

import dev.sluice.stream.replay.Place;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.Selection;
import java.util.HashMap;
import java.util.Map;

/** The streams that are being watched: one live cursor for each distinct selection, however many watch it. */
final class StreamFeeds {

    /** A feed in use, from its first watcher to its last. */
    private static final class Lease {
        private final StreamFeed feed;
        private int watchers;

        Lease(StreamFeed feed) {
            this.feed = feed;
        }
    }

    private final Replay replay;
    private final EventsConfig config;
    private final Map<Selection, Lease> shared = new HashMap<>();

    StreamFeeds(Replay replay, EventsConfig config) {
        this.replay = replay;
        this.config = config;
    }

    /** A feed, and how to give it back, which is due exactly once. */
    record Watch(StreamFeed feed, Runnable release) {}

    Watch watch(Place place) {
        Selection selection = place.selection();
        synchronized (shared) {
            Lease last = shared.get(selection);
            if (last != null && last.feed.refused()) {
                shared.remove(selection);
            }
            Lease lease = shared.computeIfAbsent(selection, key -> open(key, place.end()));
            lease.watchers++;
            return new Watch(lease.feed, () -> release(selection, lease));
        }
    }

    int open() {
        synchronized (shared) {
            return shared.size();
        }
    }

    private Lease open(Selection selection, long head) {
        StreamFeed feed = new StreamFeed(selection, head, replay, config);
        replay.follow(selection, head).subscribe().withSubscriber(feed);
        return new Lease(feed);
    }

    private void release(Selection selection, Lease lease) {
        synchronized (shared) {
            if (--lease.watchers == 0) {
                shared.remove(selection, lease);
                lease.feed.close();
            }
        }
    }
}
