package dev.sluice.events;

import dev.sluice.stream.replay.Place;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.Start;
import io.netty.channel.EventLoop;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.impl.ContextInternal;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tails of the stream that stores what is asked for; where none does, of core NATS. On the event loop of each. */
final class StreamTails {
    private final Entrance entrance;
    private final CoreTails core;
    private final EventsConfig config;
    private final Replay replay;
    private final StreamFeeds feeds;
    private final History history;

    StreamTails(Entrance entrance, CoreTails core, Replay replay, EventsConfig config, FilterWorkers workers) {
        this.entrance = entrance;
        this.core = core;
        this.config = config;
        this.replay = replay;
        this.feeds = new StreamFeeds(replay, config, workers);
        this.history = new History(replay, config, workers);
    }

    /** As {@link Tails#open(TailRequest, HttpServerResponse, Instant)}, of a client that was admitted. */
    Uni<Void> open(TailRequest request, HttpServerResponse response, Instant until, ContextInternal context) {
        EventLoop loop = context.nettyEventLoop();
        Start start = request.start().orElse(Start.Edge.NEW);
        return StreamTail.find(replay, request, start)
                .emitOn(task -> context.runOnContext(x -> task.run()))
                .invoke(place -> requirePossible(request, place))
                .map(place -> beginning(request, place, response, until, context))
                .onFailure(StreamTail::away)
                .recoverWithItem(() -> waiting(request, start, response, until, loop))
                .onFailure()
                .invoke(entrance.attendance()::left)
                .chain(opening -> opening);
    }

    /** Distinct selections of streams that are followed. */
    int cursors() {
        return feeds.open();
    }

    History history() {
        return history;
    }

    private static void requirePossible(TailRequest request, Optional<Place> found) {
        if (found.isEmpty()) {
            request.requireCorePossible();
        }
    }

    private Uni<Void> waiting(
            TailRequest request, Start start, HttpServerResponse response, Instant until, EventLoop loop) {
        return Uni.createFrom().deferred(() -> {
            openWaiting(request, start, response, until, loop);
            return Uni.createFrom().voidItem();
        });
    }

    private void openWaiting(
            TailRequest request, Start start, HttpServerResponse response, Instant until, EventLoop loop) {
        if (response.closed()) {
            entrance.attendance().left();
            return;
        }
        Tail tail = begin(request, response, until, null);
        tail.tellStatus(ControlEvents.RECONNECTING);
        keep(request, tail, loop).seek(start);
    }

    /** From core NATS where no place was found; it has the client from then on. */
    private Uni<Void> beginning(
            TailRequest request,
            Optional<Place> found,
            HttpServerResponse response,
            Instant until,
            ContextInternal context) {
        return found.map(place -> Uni.createFrom().<Void>deferred(() -> {
                    openFound(request, place, response, until, context.nettyEventLoop());
                    return Uni.createFrom().voidItem();
                }))
                .orElseGet(() -> core.open(request, response, until, context));
    }

    private void openFound(
            TailRequest request, Place place, HttpServerResponse response, Instant until, EventLoop loop) {
        if (response.closed()) {
            place.close();
            entrance.attendance().left();
        } else {
            String source = "stream; name=" + place.selection().stream();
            keep(request, begin(request, response, until, source), loop).begin(place);
        }
    }

    private Tail begin(TailRequest request, HttpServerResponse response, Instant until, @Nullable String source) {
        return entrance.begin(request.subjects().toString(), response, until, source);
    }

    private StreamTail keep(TailRequest request, Tail tail, EventLoop loop) {
        StreamTail stream = new StreamTail(
                request,
                tail,
                loop,
                replay,
                feeds,
                history,
                config.closeTimeout(),
                () -> core.goOn(request, tail, loop));
        entrance.keep(tail, loop, stream::leave);
        return stream;
    }
}
