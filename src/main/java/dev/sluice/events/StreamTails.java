package dev.sluice.events;

import dev.sluice.flow.Validity;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.ReplayStart;
import io.netty.channel.EventLoop;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.impl.ContextInternal;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tails of the stream that stores the requested subjects, or of core NATS if there is none. Each tail is confined to
 * its event loop.
 */
final class StreamTails {
    private final SseConnectionFactory connectionFactory;
    private final CoreTails core;
    private final EventsConfig config;
    private final Replay replay;
    private final StreamFeeds feeds;
    private final Backfill backfill;
    private final AtomicInteger watches = new AtomicInteger();

    StreamTails(
            SseConnectionFactory connectionFactory,
            CoreTails core,
            Replay replay,
            EventsConfig config,
            FilterWorkers workers) {
        this.connectionFactory = connectionFactory;
        this.core = core;
        this.config = config;
        this.replay = replay;
        this.feeds = new StreamFeeds(replay, config, workers);
        this.backfill = new Backfill(replay, config, workers);
    }

    /** As {@link TailService#open(TailRequest, HttpServerResponse, Validity)}, for an admitted client. */
    Uni<Void> open(TailRequest request, HttpServerResponse response, Validity validity, ContextInternal context) {
        EventLoop loop = context.nettyEventLoop();
        ReplayStart start = request.start().orElse(ReplayStart.Edge.NEW);
        return StreamTail.find(replay, request, start)
                .emitOn(task -> context.runOnContext(x -> task.run()))
                .invoke(position -> requirePossible(request, position))
                .map(position -> beginning(request, position, response, validity, context))
                .onFailure(StreamTail::away)
                .recoverWithItem(() -> waiting(request, start, response, validity, loop))
                .onFailure()
                .invoke(connectionFactory.limiter()::left)
                .chain(opening -> opening);
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

    private static void requirePossible(TailRequest request, Optional<ReplayPosition> found) {
        if (found.isEmpty()) {
            request.requireCorePossible();
        }
    }

    private Uni<Void> waiting(
            TailRequest request, ReplayStart start, HttpServerResponse response, Validity validity, EventLoop loop) {
        return Uni.createFrom().deferred(() -> {
            openWaiting(request, start, response, validity, loop);
            return Uni.createFrom().voidItem();
        });
    }

    private void openWaiting(
            TailRequest request, ReplayStart start, HttpServerResponse response, Validity validity, EventLoop loop) {
        if (response.closed()) {
            connectionFactory.limiter().left();
            return;
        }
        SseConnection connection = begin(request, response, validity, null);
        connection.tellStatus(ControlEvents.RECONNECTING);
        keep(request, connection, loop).seek(start);
    }

    /** Serves the client from core NATS if no position was found; then {@link CoreTails} releases its permit. */
    private Uni<Void> beginning(
            TailRequest request,
            Optional<ReplayPosition> found,
            HttpServerResponse response,
            Validity validity,
            ContextInternal context) {
        return found.map(position -> Uni.createFrom().<Void>deferred(() -> {
                    openFound(request, position, response, validity, context.nettyEventLoop());
                    return Uni.createFrom().voidItem();
                }))
                .orElseGet(() -> core.open(request, response, validity, context));
    }

    private void openFound(
            TailRequest request,
            ReplayPosition position,
            HttpServerResponse response,
            Validity validity,
            EventLoop loop) {
        if (response.closed()) {
            position.close();
            connectionFactory.limiter().left();
        } else {
            String source =
                    request.store().map(WatchedStore::source).orElse("stream; name=" + position.selection().stream());
            keep(request, begin(request, response, validity, source), loop).begin(position);
        }
    }

    private SseConnection begin(
            TailRequest request, HttpServerResponse response, Validity validity, @Nullable String source) {
        return connectionFactory.begin(request.watched(), response, validity, source);
    }

    private StreamTail keep(TailRequest request, SseConnection connection, EventLoop loop) {
        StreamTail stream = new StreamTail(
                request,
                connection,
                loop,
                replay,
                feeds,
                backfill,
                config.closeTimeout(),
                () -> core.goOn(request, connection, loop));
        int counted = request.store().isPresent() ? 1 : 0;
        watches.addAndGet(counted);
        connectionFactory.keep(connection, loop, () -> {
            watches.addAndGet(-counted);
            stream.end();
        });
        return stream;
    }
}
