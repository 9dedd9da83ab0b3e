package dev.sluice.events;

import dev.sluice.flow.Validity;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.ReplayStart;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tails of the stream that stores the requested subjects, or of core NATS if there is none. Each tail is confined to
 * its event loop.
 */
final class StreamTails {
    private final SseConnectionFactory connections;
    private final CoreTails core;
    private final Replay replay;
    private final StreamFeeds feeds;
    private final Backfill backfill;
    private final AtomicInteger watches = new AtomicInteger();

    StreamTails(
            SseConnectionFactory connections,
            CoreTails core,
            Replay replay,
            EventsConfig config,
            FilterWorkers workers) {
        this.connections = connections;
        this.core = core;
        this.replay = replay;
        this.feeds = new StreamFeeds(replay, config, workers);
        this.backfill = new Backfill(replay, config, workers);
    }

    /** As {@link TailService#open(TailRequest, HttpServerResponse, Validity)}, for an admitted client. */
    Uni<Void> open(TailRequest request, Admission client) {
        ReplayStart start = request.start().orElse(ReplayStart.Edge.NEW);
        return StreamTail.find(replay, request, start)
                .emitOn(client.executor())
                .onItemOrFailure()
                .transformToUni((position, failure) -> {
                    if (failure == null) {
                        return begin(request, position, client);
                    }
                    return StreamTail.unavailable(failure)
                            ? seek(request, start, client)
                            : Uni.createFrom().failure(failure);
                });
    }

    /** Returns the number of distinct stream selections that are followed. */
    int cursors() {
        return feeds.open();
    }

    /** Returns the number of tails that watch a bucket or an object store. */
    int watches() {
        return watches.get();
    }

    Backfill backfill() {
        return backfill;
    }

    /** Serves the client from core NATS if no position was found. */
    private Uni<Void> begin(TailRequest request, Optional<ReplayPosition> found, Admission client) {
        if (found.isEmpty()) {
            request.requireCorePossible();
            return core.open(request, client);
        }
        ReplayPosition position = found.get();
        String source =
                request.store().map(WatchedStore::source).orElse("stream; name=" + position.selection().stream());
        tail(request, client, source).begin(position);
        return Uni.createFrom().voidItem();
    }

    /** Answers the client while NATS is unavailable. */
    private Uni<Void> seek(TailRequest request, ReplayStart start, Admission client) {
        tail(request, client, null).beginLater(start);
        return Uni.createFrom().voidItem();
    }

    private StreamTail tail(TailRequest request, Admission client, @Nullable String source) {
        SseConnection connection = connections.open(request.description(), client, source);
        StreamTail tail =
                new StreamTail(request, connection, replay, feeds, backfill, () -> core.serve(request, connection));
        int counted = request.store().isPresent() ? 1 : 0;
        watches.addAndGet(counted);
        connections.keep(connection, client, () -> {
            watches.addAndGet(-counted);
            tail.close();
        });
        return tail;
    }
}
