package dev.sluice.events;

import dev.sluice.failure.Failure;
import dev.sluice.flow.AsyncSemaphore;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.Selection;
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
 * The streams that are followed: one feed per distinct selection, shared by all its watchers.
 *
 * <p>The state of each stream is requested periodically: after a stream is deleted, or its subjects change, its
 * consumers may stay healthy but silent.
 */
final class StreamFeeds {
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    /** Timeout of a state request; after it the tails report that they are not connected. */
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(2);

    /** Maximum number of concurrent state requests. */
    private static final int LOOKS = 32;

    /** Maximum number of feeds of quiet subjects that ask at once whether they can advance. */
    private static final int ADVANCES = 8;

    private final Replay replay;
    private final EventsConfig config;
    private final FilterWorkers workers;
    private final SharedFeeds<Selection, StreamFeed> shared = new SharedFeeds<>();
    private final AsyncSemaphore advances = new AsyncSemaphore(ADVANCES);
    private final Set<String> missing = ConcurrentHashMap.newKeySet();
    private @Nullable Cancellable looking;

    StreamFeeds(Replay replay, EventsConfig config, FilterWorkers workers) {
        this.replay = replay;
        this.config = config;
        this.workers = workers;
    }

    SharedFeeds.Lease<StreamFeed> watch(ReplayPosition position) {
        Selection selection = position.selection();
        SharedFeeds.Lease<StreamFeed> lease = shared.lease(
                selection,
                () -> new StreamFeed(
                        position, replay, config, workers, advances, over -> shared.forget(selection, over)));
        look();
        return lease;
    }

    int open() {
        return shared.size();
    }

    private synchronized void look() {
        if (looking == null) {
            looking = Multi.createFrom()
                    .ticks()
                    .every(BETWEEN_LOOKS)
                    .onOverflow()
                    .drop()
                    .onItem()
                    .transformToUniAndConcatenate(tick -> lookAtAll())
                    .subscribe()
                    .with(looked -> {});
        }
    }

    /** Returns whether there is nothing to look at; then the looks have ended. */
    private synchronized boolean stopIfIdle() {
        Cancellable looks = looking;
        if (looks == null || shared.size() > 0) {
            return false;
        }
        looking = null;
        looks.cancel();
        return true;
    }

    private Uni<Void> lookAtAll() {
        if (stopIfIdle()) {
            return Uni.createFrom().voidItem();
        }
        Map<String, List<StreamFeed>> feeds =
                shared.feeds().stream().collect(Collectors.groupingBy(StreamFeed::stream));
        missing.retainAll(feeds.keySet());
        return Multi.createFrom()
                .iterable(feeds.entrySet())
                .onItem()
                .transformToUni(stream -> lookAt(stream.getKey(), stream.getValue()))
                .merge(LOOKS)
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> lookAt(String stream, List<StreamFeed> feeds) {
        List<StreamFeed.Look> looks = feeds.stream().map(StreamFeed::look).toList();
        return replay.state(stream)
                .ifNoItem()
                .after(LONGEST_LOOK)
                .failWith(() -> Failure.UNAVAILABLE.because("JetStream did not report the state of the stream in time"))
                .invoke(now -> {
                    missing.remove(stream);
                    looks.forEach(look -> look.answered(now));
                })
                .onFailure(StreamFeeds::unanswered)
                .invoke(() -> looks.forEach(StreamFeed.Look::unanswered))
                .replaceWithVoid()
                .onFailure(Failure.NO_STREAM::matches)
                .recoverWithItem(() -> notThere(stream, feeds))
                .onFailure()
                .recoverWithNull();
    }

    /**
     * Handles a missing stream. A stream that is missing twice is gone; a stream that is being replaced by another one
     * with its name exists again sooner.
     */
    private @Nullable Void notThere(String stream, List<StreamFeed> feeds) {
        if (!missing.add(stream)) {
            missing.remove(stream);
            feeds.forEach(StreamFeed::gone);
        }
        return null;
    }

    private static boolean unanswered(Throwable failure) {
        return Failure.UNAVAILABLE.matches(failure);
    }
}
