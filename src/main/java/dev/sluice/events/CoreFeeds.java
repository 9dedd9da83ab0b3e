package dev.sluice.events;

import dev.sluice.flow.Overflow;
import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubjectSet;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * The core subscriptions of the open tails: one per distinct set of subjects, shared by all its subscribers. A member of a
 * queue group has a subscription of its own, because NATS must choose among the members.
 */
final class CoreFeeds {
    /** The source of messages: the part of {@link CoreSubscriptions} that is used here. */
    interface Source {
        Multi<InboundMessage> subscribe(SubjectSet subjects, Optional<String> queueGroup, FeedHub hub);
    }

    private final Source source;
    private final EventsConfig config;
    private final FilterWorkers workers;
    private final Executor requesting;
    private final SharedFeeds<SubjectSet, CoreFeed> shared = new SharedFeeds<>();

    CoreFeeds(CoreSubscriptions subscriptions, EventsConfig config, FilterWorkers workers) {
        this(
                (subjects, queueGroup, hub) -> subscriptions.subscribe(subjects, queueGroup, Overflow.DROP_OLDEST, hub),
                config,
                workers,
                Infrastructure.getDefaultExecutor());
    }

    /** @param requesting see {@link CoreFeed} */
    CoreFeeds(Source source, EventsConfig config, FilterWorkers workers, Executor requesting) {
        this.source = source;
        this.config = config;
        this.workers = workers;
        this.requesting = requesting;
    }

    SharedFeeds.Lease<CoreFeed> lease(SubjectSet subjects, Optional<String> queueGroup) {
        if (queueGroup.isPresent()) {
            CoreFeed own = feed(subjects, queueGroup);
            own.begin();
            return new SharedFeeds.Lease<>(own, own::close);
        }
        return shared.lease(subjects, () -> feed(subjects, queueGroup));
    }

    private CoreFeed feed(SubjectSet subjects, Optional<String> queueGroup) {
        return new CoreFeed(
                subjects,
                hub -> source.subscribe(subjects, queueGroup, hub),
                config,
                workers,
                ended -> shared.forget(subjects, ended),
                requesting);
    }

    /** Returns the number of shared subscriptions. */
    int open() {
        return shared.size();
    }
}
