package dev.sluice.events;

import dev.sluice.failure.Failure;
import dev.sluice.flow.AsyncSemaphore;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.Selection;
import dev.sluice.stream.replay.StreamSource;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The streams that are followed: one feed per distinct selection, shared by all its subscribers.
 *
 * <p>The state of each stream is requested periodically: after a stream is deleted, or its subjects change, its
 * consumers may stay healthy but silent.
 */
final class StreamFeeds {
    private static final Duration STATE_INTERVAL = Duration.ofSeconds(1);

    /** Timeout of a state request; after it the tails report that they are not connected. */
    private static final Duration STATE_TIMEOUT = Duration.ofSeconds(2);

    /** Maximum number of concurrent state requests. */
    private static final int MAX_STATE_REQUESTS = 32;

    /** Maximum number of feeds of quiet subjects that check at once whether they can advance. */
    private static final int MAX_ADVANCES = 8;

    private final StreamSource replay;
    private final EventsConfig config;
    private final FilterWorkers workers;
    private final SharedFeeds<Selection, StreamFeed> shared = new SharedFeeds<>();
    private final AsyncSemaphore advances = new AsyncSemaphore(MAX_ADVANCES);
    private final Set<String> missing = ConcurrentHashMap.newKeySet();
    private @Nullable Cancellable checking;

    StreamFeeds(StreamSource replay, EventsConfig config, FilterWorkers workers) {
        this.replay = replay;
        this.config = config;
        this.workers = workers;
    }

    SharedFeeds.Lease<StreamFeed> lease(ReplayPosition position) {
        Selection selection = position.selection();
        SharedFeeds.Lease<StreamFeed> lease = shared.lease(
                selection,
                () -> new StreamFeed(
                        position, replay, config, workers, advances, ended -> shared.forget(selection, ended)));
        startChecking();
        return lease;
    }

    int open() {
        return shared.size();
    }

    private synchronized void startChecking() {
        if (checking == null) {
            checking = Multi.createFrom()
                    .ticks()
                    .every(STATE_INTERVAL)
                    .onOverflow()
                    .drop()
                    .onItem()
                    .transformToUniAndConcatenate(tick -> checkAll())
                    .subscribe()
                    .with(checked -> {});
        }
    }

    /** Returns whether there is nothing to check; then the checks have ended. */
    private synchronized boolean stopIfIdle() {
        Cancellable checks = checking;
        if (checks == null || shared.size() > 0) {
            return false;
        }
        checking = null;
        checks.cancel();
        return true;
    }

    private Uni<Void> checkAll() {
        if (stopIfIdle()) {
            return Uni.createFrom().voidItem();
        }
        Map<String, List<StreamFeed>> feeds =
                shared.feeds().stream().collect(Collectors.groupingBy(StreamFeed::stream));
        missing.retainAll(feeds.keySet());
        return Multi.createFrom()
                .iterable(feeds.entrySet())
                .onItem()
                .transformToUni(stream -> check(stream.getKey(), stream.getValue()))
                .merge(MAX_STATE_REQUESTS)
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> check(String stream, List<StreamFeed> feeds) {
        List<StreamFeed.StateCheck> checks =
                feeds.stream().map(StreamFeed::stateCheck).toList();
        return replay.state(stream)
                .ifNoItem()
                .after(STATE_TIMEOUT)
                .failWith(() -> Failure.UNAVAILABLE.because("JetStream did not report the state of the stream in time"))
                .invoke(now -> {
                    missing.remove(stream);
                    checks.forEach(check -> check.received(now));
                })
                .onFailure(StreamFeeds::unanswered)
                .invoke(() -> checks.forEach(StreamFeed.StateCheck::unanswered))
                .replaceWithVoid()
                .onFailure(Failure.NO_STREAM::matches)
                .recoverWithItem(() -> notFound(stream, feeds))
                .onFailure()
                .recoverWithNull();
    }

    /**
     * Handles a missing stream. A stream that is missing twice was deleted; a stream that is being replaced by another one
     * with its name exists again sooner.
     */
    private @Nullable Void notFound(String stream, List<StreamFeed> feeds) {
        if (!missing.add(stream)) {
            missing.remove(stream);
            feeds.forEach(StreamFeed::deleted);
        }
        return null;
    }

    private static boolean unanswered(Throwable failure) {
        return Failure.UNAVAILABLE.matches(failure);
    }
}
