package dev.sluice.events;

import dev.sluice.flow.RunOnce;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Feeds that their subscribers share: one for each key, begun for the first lease and closed after the last. A feed that
 * ends by itself is forgotten: its subscribers keep it, and the next lease is for another one. Thread-safe.
 *
 * @param <K> what is fed, such as a set of subjects
 */
final class SharedFeeds<K, F extends SharedFeeds.Feed> {

    /** A feed. It is begun once and closed after that, both without a lock. */
    interface Feed {
        void begin();

        void close();
    }

    /**
     * The use of a feed by one subscriber.
     *
     * @param release ends the use; further runs do nothing
     */
    record Lease<F>(F feed, Runnable release) {}

    private static final class Shared<F> {
        private final F feed;
        private int leases;

        Shared(F feed) {
            this.feed = feed;
        }
    }

    private final Map<K, Shared<F>> open = new HashMap<>();

    /** @param maker makes a feed that does nothing yet; called if there is none for {@code key} */
    Lease<F> lease(K key, Supplier<F> maker) {
        Shared<F> shared;
        boolean first;
        synchronized (this) {
            shared = open.computeIfAbsent(key, missing -> new Shared<>(maker.get()));
            first = shared.leases == 0;
            shared.leases++;
        }
        if (first) {
            begin(key, shared.feed);
        }
        Shared<F> leased = shared;
        return new Lease<>(leased.feed, new RunOnce(() -> release(key, leased)));
    }

    private void begin(K key, F feed) {
        try {
            feed.begin();
        } catch (RuntimeException failed) {
            forget(key, feed);
            throw failed;
        }
    }

    /** Leases {@code feed} to no further subscriber. */
    synchronized void forget(K key, F feed) {
        Shared<F> shared = open.get(key);
        if (shared != null && shared.feed == feed) {
            open.remove(key);
        }
    }

    /** Returns the feeds that the next subscribers would share. */
    synchronized List<F> feeds() {
        return open.values().stream().map(shared -> shared.feed).toList();
    }

    synchronized int size() {
        return open.size();
    }

    private void release(K key, Shared<F> leased) {
        synchronized (this) {
            leased.leases--;
            if (leased.leases > 0) {
                return;
            }
            open.remove(key, leased);
        }
        leased.feed.close();
    }
}
