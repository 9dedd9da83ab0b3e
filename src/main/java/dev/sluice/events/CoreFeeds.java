package dev.sluice.events;

import dev.sluice.flow.Overflow;
import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubjectSet;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The core subscriptions of the open tails: one per distinct set of subjects, shared by all its watchers. A member of a
 * queue group has a subscription of its own, because NATS must choose among the members.
 *
 * <p>A subscription that fails has ended for its watchers, which are notified, and accepts no further watcher: the next
 * watcher of the same subjects opens a new one.
 */
final class CoreFeeds {
    private static final Logger LOG = Logger.getLogger(CoreFeeds.class);

    /** The source of messages: the part of {@link CoreSubscriptions} that is used here. */
    interface Source {
        Multi<InboundMessage> subscribe(SubjectSet subjects, Optional<String> queueGroup, FeedHub hub);
    }

    /** A subscription in use, from its first watcher to its last, or until it fails. */
    private final class Lease {
        private final SubjectSet subjects;
        private final FeedHub hub = new FeedHub(config, workers, () -> {});
        private int watchers;
        private boolean over;
        private @Nullable Cancellable subscription;

        Lease(SubjectSet subjects) {
            this.subjects = subjects;
        }

        Lease open(Optional<String> queueGroup) {
            Cancellable opened =
                    source.subscribe(subjects, queueGroup, hub).subscribe().with(this::publish, this::failed);
            subscription = opened;
            return this;
        }

        void cancel() {
            if (subscription != null) {
                subscription.cancel();
            }
        }

        private void publish(InboundMessage message) {
            hub.publish(message, Instant.now().truncatedTo(ChronoUnit.MILLIS), null);
        }

        private void failed(Throwable failure) {
            LOG.warnf("The feed of %s ended: %s", subjects, failure.getMessage());
            synchronized (shared) {
                over = true;
                shared.remove(subjects, this);
            }
            hub.denied(failure);
        }
    }

    private final Source source;
    private final EventsConfig config;
    private final FilterWorkers workers;
    private final Map<SubjectSet, Lease> shared = new HashMap<>();

    CoreFeeds(CoreSubscriptions subscriptions, EventsConfig config, FilterWorkers workers) {
        this(
                (subjects, queueGroup, hub) -> subscriptions.subscribe(subjects, queueGroup, Overflow.DROP_OLDEST, hub),
                config,
                workers);
    }

    CoreFeeds(Source source, EventsConfig config, FilterWorkers workers) {
        this.source = source;
        this.config = config;
        this.workers = workers;
    }

    /** A hub and the action that releases it; the action must be run exactly once. */
    record Watch(FeedHub hub, Runnable release) {}

    Watch watch(SubjectSet subjects, Optional<String> queueGroup) {
        if (queueGroup.isPresent()) {
            Lease own = new Lease(subjects).open(queueGroup);
            return new Watch(own.hub, own::cancel);
        }
        synchronized (shared) {
            Lease lease = shared.get(subjects);
            if (lease == null) {
                lease = new Lease(subjects).open(Optional.empty());
                if (!lease.over) {
                    shared.put(subjects, lease);
                }
            }
            Lease watched = lease;
            watched.watchers++;
            return new Watch(watched.hub, () -> release(watched));
        }
    }

    /** Returns the number of shared subscriptions. */
    int open() {
        synchronized (shared) {
            return shared.size();
        }
    }

    private void release(Lease lease) {
        synchronized (shared) {
            if (--lease.watchers == 0) {
                shared.remove(lease.subjects, lease);
                lease.cancel();
            }
        }
    }
}
