package dev.sluice.events;

import dev.sluice.flow.Overflow;
import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.SubjectSet;
import io.smallrye.mutiny.subscription.Cancellable;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The feeds that are being watched: one subscription for each distinct set of subjects, however many watch it. A member
 * of a queue group has a feed of its own, because NATS is to choose among the members.
 */
final class Feeds {
    private static final Logger LOG = Logger.getLogger(Feeds.class);

    /** A feed in use: it is subscribed from its first watcher to its last. */
    private static final class Lease {
        private final Feed feed;
        private final Cancellable subscription;
        private int watchers;

        Lease(Feed feed, Cancellable subscription) {
            this.feed = feed;
            this.subscription = subscription;
        }
    }

    private final CoreSubscriptions subscriptions;
    private final EventsConfig config;
    private final Map<SubjectSet, Lease> shared = new HashMap<>();

    Feeds(CoreSubscriptions subscriptions, EventsConfig config) {
        this.subscriptions = subscriptions;
        this.config = config;
    }

    /** A feed and how to give it back, which is due exactly once. */
    record Watch(Feed feed, Runnable release) {}

    Watch watch(TailRequest request) {
        if (request.queueGroup().isPresent()) {
            Lease own = open(request.subjects(), request.queueGroup());
            return new Watch(own.feed, own.subscription::cancel);
        }
        synchronized (shared) {
            Lease lease = shared.computeIfAbsent(request.subjects(), subjects -> open(subjects, Optional.empty()));
            lease.watchers++;
            return new Watch(lease.feed, () -> release(request.subjects(), lease));
        }
    }

    /** Subscriptions that watchers share. */
    int open() {
        synchronized (shared) {
            return shared.size();
        }
    }

    private Lease open(SubjectSet subjects, Optional<String> queueGroup) {
        Feed feed = new Feed(config);
        Cancellable subscription = subscriptions
                .subscribe(subjects, queueGroup, Overflow.DROP_OLDEST, feed)
                .subscribe()
                .with(feed::publish, failure -> LOG.errorf(failure, "The feed of %s ended", subjects));
        return new Lease(feed, subscription);
    }

    private void release(SubjectSet subjects, Lease lease) {
        synchronized (shared) {
            if (--lease.watchers == 0) {
                shared.remove(subjects);
                lease.subscription.cancel();
            }
        }
    }
}
