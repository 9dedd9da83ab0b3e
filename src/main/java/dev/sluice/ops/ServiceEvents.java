package dev.sluice.ops;

import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.SubscriptionObserver;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.Cancellable;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;

/**
 * Logs and counts the events that services publish about themselves on {@code service.*.events}. Delivery is at most
 * once (core NATS): an event is a hint to an operator. If events arrive faster than they can be logged, the oldest are
 * dropped. A worker logs them: the output may block.
 */
@Singleton
final class ServiceEvents {
    private static final Logger LOG = Logger.getLogger(ServiceEvents.class);
    private static final SubjectSet SUBJECTS = SubjectSet.of(List.of(new SubjectPattern("service.*.events")));
    private static final int MAX_LINE_LENGTH = 512;
    /** Maximum number of events that a worker has taken and not logged yet. The others wait in the subscription. */
    private static final int LINES_AHEAD = 16;

    private final ServiceEventsConfig config;
    private final CoreSubscriptions subscriptions;
    private final LongAdder seen = new LongAdder();
    private Cancellable watch = () -> {};

    @Inject
    ServiceEvents(ServiceEventsConfig config, CoreSubscriptions subscriptions) {
        this.config = config;
        this.subscriptions = subscriptions;
    }

    void start(@Observes StartupEvent event) {
        if (config.enabled()) {
            watch(SubscriptionObserver.NONE);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        watch.cancel();
    }

    void watch(SubscriptionObserver observer) {
        watch = subscriptions
                .subscribePermanently(SUBJECTS, Optional.empty(), observer)
                .emitOn(Infrastructure.getDefaultWorkerPool(), LINES_AHEAD)
                .subscribe()
                .with(this::note);
    }

    /** Returns the number of logged events. */
    long seen() {
        return seen.sum();
    }

    /** Logs the event on one line of bounded length, because other services control its content. */
    private void note(InboundMessage message) {
        byte[] data = message.data();
        String text = new String(data, 0, Math.min(data.length, MAX_LINE_LENGTH), StandardCharsets.UTF_8);
        LOG.infof("%s: %s", message.subject(), text.replaceAll("\\p{Cntrl}", " "));
        seen.increment();
    }
}
