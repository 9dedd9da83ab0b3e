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
 * The core subscriptions that are being watched: one for each distinct set of subjects, however many watch it. A member
 * of a queue group has one of its own, because NATS is to choose among the members.
 *
 * <p>A subscription that fails is over for its watchers, who are told, and nobody joins it any more: the next one to
 * watch the same subjects opens it anew.
 */
final class CoreFeeds {
    private static final Logger LOG = Logger.getLogger(CoreFeeds.class);

    /** Where messages come from: the one thing that is asked of {@link CoreSubscriptions}. */
    interface Source {
        Multi<InboundMessage> subscribe(SubjectSet subjects, Optional<String> queueGroup, FeedHub hub);
    }

    /** A subscription in use, from its first watcher to its last, or to its failure. */
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

    /** Those who watch with, and how to leave them for good, which is due exactly once. */
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

    /** Subscriptions that watchers share. */
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
