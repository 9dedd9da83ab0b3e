package dev.sluice.events;

import dev.sluice.failure.Failure;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.ReplayStart;
import dev.sluice.stream.replay.StreamSource;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One client's tail of a stream, across all epochs of that stream. If the stream must be located after the response has
 * begun, because NATS was unreachable or the stream was recreated, the tail waits without a limit. A client that then
 * cannot be served from a stream is served from core NATS, or reconnects and receives the rejection as a status.
 * Confined to the client's event loop.
 */
final class StreamTail {
    private static final Duration RETRY_DELAY = Duration.ofMillis(250);

    /** Time to find the position, after which the client receives the status that it is not connected. */
    private static final Duration SEEK_TIMEOUT = Duration.ofMillis(1500);

    private final TailRequest request;
    private final SseConnection connection;
    private final StreamSource replay;
    private final StreamFeeds feeds;
    private final Backfill backfill;
    private final Supplier<Runnable> coreTail;

    private boolean begun;
    private Cancellable awaiting = () -> {};
    private @Nullable ScheduledFuture<?> seekTimer;
    private Runnable leaveCore = () -> {};
    private boolean closed;
    private SharedFeeds.@Nullable Lease<StreamFeed> lease;
    private @Nullable LosslessSubscriber subscriber;

    /**
     * @param coreTail serves the client from core NATS and returns what to run when the connection is closed; used if
     *     there is no stream and no position was promised
     */
    StreamTail(
            TailRequest request,
            SseConnection connection,
            StreamSource replay,
            StreamFeeds feeds,
            Backfill backfill,
            Supplier<Runnable> coreTail) {
        this.request = request;
        this.connection = connection;
        this.replay = replay;
        this.feeds = feeds;
        this.backfill = backfill;
        this.coreTail = coreTail;
    }

    /**
     * Locates {@code start}, or the next message, for {@code request}. Empty if no stream stores its subjects, or if
     * NATS does not permit Sluice's own user to ask and core NATS is sufficient. Fails {@code NO_BUCKET} or
     * {@code NO_OBJECT_STORE} if the store to watch does not exist.
     */
    static Uni<Optional<ReplayPosition>> find(StreamSource replay, TailRequest request, ReplayStart start) {
        if (request.store().isPresent()) {
            return find(replay, request.store().get(), request.subjects(), start)
                    .map(Optional::of);
        }
        return replay.covering(request.subjects())
                .onFailure(failure -> request.corePossible() && forbidden(failure))
                .recoverWithItem(Optional.empty())
                .chain(found -> found.isEmpty()
                        ? Uni.createFrom().item(Optional.empty())
                        : replay.locate(found.get(), request.subjects(), start).map(Optional::of));
    }

    private static Uni<ReplayPosition> find(
            StreamSource replay, WatchedStore store, SubjectSet subjects, ReplayStart start) {
        return replay.state(store.stream())
                .onFailure(Failure.NO_STREAM::matches)
                .transform(missing -> store.missing().get())
                .invoke(now -> {
                    if (!now.subjects().contains(store.subjects())) {
                        throw store.missing().get();
                    }
                })
                .chain(now -> replay.locate(now, store.prefix(), subjects, start));
    }

    /** Returns whether {@code failure} only means that NATS is unavailable now. */
    static boolean unavailable(Throwable failure) {
        return Failure.UNAVAILABLE.matches(failure);
    }

    private static boolean forbidden(Throwable failure) {
        return CloseReason.after(failure) == CloseReason.FORBIDDEN;
    }

    /** Begins at {@code position}, or closes it if the client has left. */
    void begin(ReplayPosition position) {
        if (!connection.open()) {
            position.close();
            return;
        }
        boolean resumed = begun
                || request.start().filter(ReplayStart.After.class::isInstance).isPresent();
        begun = true;
        if (position.recreated()) {
            connection.write(ControlEvents.RECREATED);
        }
        if (position.purged()) {
            connection.write(ControlEvents.purged(position.selection().epoch()));
        }
        if (resumed && position.selection().ofStore()) {
            reportRemoved(position);
        }
        SharedFeeds.Lease<StreamFeed> opened = feeds.lease(position);
        LosslessSubscriber opening = new LosslessSubscriber(
                connection, request.projection(), position, opened.feed(), backfill, this::feedEnded);
        lease = opened;
        subscriber = opening;
        // A write above may have shown that the client has left.
        if (connection.open()) {
            opening.begin();
        } else {
            leave();
        }
    }

    /**
     * Reports to a client that resumes what limits have removed, because it may have such a value. If messages after its
     * last one were removed, the gap before the next page reports it.
     */
    private void reportRemoved(ReplayPosition position) {
        boolean continues = !position.recreated() && position.lastPerSubject().isEmpty();
        if (continues && position.position() + 1 >= position.found().first()) {
            position.found().possiblyRemoved().ifPresent(gap -> connection.write(ControlEvents.gap(gap)));
        }
    }

    /** Begins as soon as NATS is available; until then the client has the status that it is not connected. */
    void beginLater(ReplayStart start) {
        connection.reportStatus(ControlEvents.RECONNECTING);
        seek(start);
    }

    /** Begins as soon as NATS can report the position of {@code start}. */
    void seek(ReplayStart start) {
        seek(start, position -> position);
    }

    /** @param adjustment maps the position of {@code start} to the position to begin at */
    private void seek(ReplayStart start, UnaryOperator<ReplayPosition> adjustment) {
        if (closed) {
            return;
        }
        if (seekTimer == null) {
            seekTimer = loop().schedule(
                            () -> connection.reportStatus(ControlEvents.RECONNECTING),
                            SEEK_TIMEOUT.toNanos(),
                            TimeUnit.NANOSECONDS);
        }
        // Only the wait for the connection is cancelled: a position that is found must be closed.
        awaiting = replay.reachable()
                .subscribe()
                .with(
                        up -> Uni.createFrom()
                                .deferred(() -> find(replay, request, start))
                                .subscribe()
                                .with(
                                        position -> loop().execute(() -> found(position.map(adjustment))),
                                        failure -> loop().execute(() -> notFound(start, adjustment, failure))),
                        failure -> loop().execute(() -> notFound(start, adjustment, failure)));
    }

    private EventLoop loop() {
        return connection.loop();
    }

    private void seekEnded() {
        ScheduledFuture<?> last = seekTimer;
        seekTimer = null;
        if (last != null) {
            last.cancel(false);
        }
    }

    /** Ends the tail after its connection was closed. */
    void close() {
        closed = true;
        seekEnded();
        awaiting.cancel();
        leave();
        leaveCore.run();
    }

    private void leave() {
        LosslessSubscriber last = subscriber;
        SharedFeeds.Lease<StreamFeed> open = lease;
        subscriber = null;
        lease = null;
        if (last != null && open != null) {
            last.leave();
            open.feed().hub().leave(last, request.projection(), loop());
            open.release().run();
        }
    }

    private void found(Optional<ReplayPosition> position) {
        seekEnded();
        if (position.isPresent()) {
            begin(position.get());
        } else if (!begun && request.corePossible() && connection.open()) {
            serveFromCore();
        } else {
            connection.end(CloseReason.LIFETIME);
        }
    }

    /** A write may show that the client has left before it is known what to run then. */
    private void serveFromCore() {
        Runnable leaving = coreTail.get();
        if (closed) {
            leaving.run();
        } else {
            leaveCore = leaving;
        }
    }

    private void notFound(ReplayStart start, UnaryOperator<ReplayPosition> adjustment, Throwable failure) {
        if (connection.open() && unavailable(failure)) {
            connection.reportStatus(ControlEvents.RECONNECTING);
            loop().schedule(() -> seek(start, adjustment), RETRY_DELAY.toNanos(), TimeUnit.NANOSECONDS);
        } else {
            seekEnded();
            connection.end(CloseReason.after(failure));
        }
    }

    /**
     * Handles the end of the feed. A former leader of the stream that does not know yet that it lost leadership reports
     * a shorter stream. So the last message of the feed is located once more before the client is notified of a
     * recreated stream.
     *
     * <p>A client that has received all messages of the feed continues at the id of the feed, which has the time of its
     * message. Without a time a client may have missed a marker.
     */
    private void feedEnded() {
        LosslessSubscriber last = subscriber;
        SharedFeeds.Lease<StreamFeed> open = lease;
        if (last == null || open == null) {
            return;
        }
        StreamFeed feed = open.feed();
        EventId all = feed.reached();
        EventId reached = last.reached().sequence() == all.sequence() ? all : last.reached();
        boolean snapshotUnread = last.snapshotUnread();
        boolean late = last.late();
        StreamFeed.End end = feed.end();
        leave();
        connection.serve(FeedSubscriber.NONE);
        if (late || end == StreamFeed.End.PURGED) {
            connection.write(ControlEvents.purged(reached.epoch()));
            seek(ReplayStart.Edge.LAST_PER_SUBJECT);
        } else if (snapshotUnread && end != StreamFeed.End.NOT_SERVED) {
            seek(ReplayStart.Edge.LAST_PER_SUBJECT);
        } else if (end == StreamFeed.End.RECREATED) {
            seek(all.after(), position -> position.from(reached.sequence()));
        } else if (end == StreamFeed.End.BEHIND) {
            // All clients of the feed locate their position now, each with its own requests.
            long spread = ThreadLocalRandom.current().nextLong(RETRY_DELAY.toNanos());
            loop().schedule(() -> seek(reached.after()), spread, TimeUnit.NANOSECONDS);
        } else {
            connection.end(CloseReason.LIFETIME);
        }
    }
}
