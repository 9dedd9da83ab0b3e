package dev.sluice.events;

import dev.sluice.flow.Overflow;
import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubjectSet;
import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The core subscriptions that are being watched: one for each distinct set of subjects, however many watch it. A member
 * of a queue group has one of its own, because NATS is to choose among the members.
 */
final class CoreFeeds {
    private static final Logger LOG = Logger.getLogger(CoreFeeds.class);

    /** A subscription in use, from its first watcher to its last. */
    private static final class Lease {
        private final Audience audience;
        private final Cancellable subscription;
        private int watchers;

        Lease(Audience audience, Cancellable subscription) {
            this.audience = audience;
            this.subscription = subscription;
        }
    }

    private final CoreSubscriptions subscriptions;
    private final EventsConfig config;
    private final Map<SubjectSet, Lease> shared = new HashMap<>();

    CoreFeeds(CoreSubscriptions subscriptions, EventsConfig config) {
        this.subscriptions = subscriptions;
        this.config = config;
    }

    /** Those who watch with, and how to leave them for good, which is due exactly once. */
    record Watch(Audience audience, Runnable release) {}

    Watch watch(SubjectSet subjects, Optional<String> queueGroup) {
        if (queueGroup.isPresent()) {
            Lease own = open(subjects, queueGroup);
            return new Watch(own.audience, own.subscription::cancel);
        }
        synchronized (shared) {
            Lease lease = shared.computeIfAbsent(subjects, key -> open(key, Optional.empty()));
            lease.watchers++;
            return new Watch(lease.audience, () -> release(subjects, lease));
        }
    }

    /** Subscriptions that watchers share. */
    int open() {
        synchronized (shared) {
            return shared.size();
        }
    }

    private Lease open(SubjectSet subjects, Optional<String> queueGroup) {
        Audience audience = new Audience(config, () -> {});
        Cancellable subscription = subscriptions
                .subscribe(subjects, queueGroup, Overflow.DROP_OLDEST, audience)
                .subscribe()
                .with(message -> publish(audience, message), failure -> ended(subjects, audience, failure));
        return new Lease(audience, subscription);
    }

    /** Nobody joins it any more; who comes asks NATS anew. */
    private void ended(SubjectSet subjects, Audience audience, Throwable failure) {
        LOG.warnf("The feed of %s ended: %s", subjects, failure.getMessage());
        synchronized (shared) {
            shared.values().removeIf(lease -> lease.audience == audience);
        }
        audience.denied(failure);
    }

    private static void publish(Audience audience, InboundMessage message) {
        audience.publish(message, Instant.now().truncatedTo(ChronoUnit.MILLIS), null);
    }

    private void release(SubjectSet subjects, Lease lease) {
        synchronized (shared) {
            if (--lease.watchers == 0) {
                shared.remove(subjects, lease);
                lease.subscription.cancel();
            }
        }
    }
}
