package dev.sluice.events;

import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.stream.replay.Place;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.Start;
import io.netty.channel.EventLoop;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.impl.ContextInternal;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The event streams that are open now: lets clients in, keeps them alive, ends them. */
@Singleton
public final class Tails {
    private static final Logger LOG = Logger.getLogger(Tails.class);

    private final EventsConfig config;
    private final Replay replay;
    private final CoreFeeds coreFeeds;
    private final StreamFeeds streamFeeds;
    private final History history;
    private final Map<EventLoop, TailClock> clocks = new ConcurrentHashMap<>();
    private final Attendance attendance;
    private final LongAdder dropped = new LongAdder();

    @Inject
    public Tails(EventsConfig config, CoreSubscriptions subscriptions, Replay replay) {
        this.config = config;
        this.replay = replay;
        this.coreFeeds = new CoreFeeds(subscriptions, config);
        this.streamFeeds = new StreamFeeds(replay, config);
        this.history = new History(replay, config);
        this.attendance = new Attendance(config.maxConnections());
    }

    /**
     * Answers with an event stream that goes on until the client leaves, its lifetime is over or Sluice stops. Called
     * on the response's event loop; the item comes there when the stream has begun. Fails {@code NO_STREAM} or
     * {@code INVALID}, as {@link TailRequest} says, before anything was written.
     *
     * @param until when the client's identity ends, and the stream with it
     * @throws dev.sluice.failure.SluiceException {@code TOO_MANY_CONNECTIONS}, before anything was written
     */
    public Uni<Void> open(TailRequest request, HttpServerResponse response, Instant until) {
        if (attendance.closing()) {
            sendAway(response);
            return Uni.createFrom().voidItem();
        }
        attendance.admit();
        ContextInternal context = ContextInternal.current();
        EventLoop loop = context.nettyEventLoop();
        if (request.source() == TailRequest.Source.CORE) {
            openCore(request, begin(request, response, until, "core"), loop);
            return Uni.createFrom().voidItem();
        }
        Start start = request.start().orElse(Start.Edge.NEW);
        return StreamTail.find(replay, request, start)
                .emitOn(task -> context.runOnContext(x -> task.run()))
                .invoke(place -> openFound(request, place, response, until, loop))
                .replaceWithVoid()
                .onFailure(StreamTail::away)
                .recoverWithUni(() -> {
                    openWaiting(request, start, response, until, loop);
                    return Uni.createFrom().voidItem();
                })
                .onFailure()
                .invoke(attendance::left);
    }

    private void openWaiting(
            TailRequest request, Start start, HttpServerResponse response, Instant until, EventLoop loop) {
        if (response.closed()) {
            attendance.left();
        } else {
            openStream(request, begin(request, response, until, null), loop).seek(start);
        }
    }

    private void openFound(
            TailRequest request, Optional<Place> found, HttpServerResponse response, Instant until, EventLoop loop) {
        if (response.closed()) {
            attendance.left();
        } else if (found.isEmpty()) {
            request.requireCorePossible();
            openCore(request, begin(request, response, until, "core"), loop);
        } else {
            Place place = found.get();
            String source = "stream; name=" + place.selection().stream();
            openStream(request, begin(request, response, until, source), loop).begin(place);
        }
    }

    private void openCore(TailRequest request, Tail tail, EventLoop loop) {
        if (request.start().isPresent()) {
            tail.write(ControlEvents.RECREATED);
        }
        CoreFeeds.Watch watch = coreFeeds.watch(request.subjects(), request.queueGroup());
        Receiver receiver = new LossyReceiver(tail, dropped);
        tail.serve(receiver);
        watch.audience().join(receiver, request.view(), loop, () -> 0);
        register(tail, loop, () -> {
            watch.audience().leave(receiver, request.view(), loop);
            watch.release().run();
        });
    }

    private StreamTail openStream(TailRequest request, Tail tail, EventLoop loop) {
        StreamTail stream = new StreamTail(
                request,
                tail,
                loop,
                replay,
                streamFeeds,
                history,
                config.closeTimeout(),
                () -> openCore(request, tail, loop));
        register(tail, loop, stream::leave);
        return stream;
    }

    private void register(Tail tail, EventLoop loop, Runnable cleanup) {
        TailClock clock = clock(loop);
        clock.add(tail);
        tail.whenGone(() -> {
            clock.remove(tail);
            cleanup.run();
            attendance.left();
        });
    }

    /** @param source null as long as it is not known */
    private Tail begin(TailRequest request, HttpServerResponse response, Instant until, @Nullable String source) {
        Tail tail = tail(request.subjects().toString(), response, until);
        if (source == null) {
            tail.write(ControlEvents.prelude(config.retry()));
            tail.tellStatus(ControlEvents.RECONNECTING);
        } else {
            response.putHeader("Sluice-Source", source);
            tail.write(ControlEvents.prelude(config.retry()));
        }
        return tail;
    }

    /**
     * Answers with an event stream of this client's own: each of {@code lines} is the data of one event, asked for when
     * the client has taken the one before. Otherwise as {@link #open(TailRequest, HttpServerResponse, Instant)}; when the lines
     * end or fail, the client is told to reconnect.
     *
     * @param watched what it is, for the log
     * @param lines each without a line break; signalled on the event loop
     */
    public void open(String watched, Multi<byte[]> lines, HttpServerResponse response, Instant until) {
        if (attendance.closing()) {
            sendAway(response);
            return;
        }
        attendance.admit();
        Tail tail = tail(watched, response, until);
        tail.write(ControlEvents.prelude(config.retry()));
        Cancellable writing = lines.onItem()
                .transformToUniAndConcatenate(line -> Uni.createFrom()
                        .emitter(taken -> tail.write(
                                new EventFrame(line.length + 16).line(line).end(), () -> taken.complete(null))))
                .onFailure()
                .invoke(failure -> LOG.warnf("The events of %s ended: %s", watched, failure.getMessage()))
                .subscribe()
                .with(
                        taken -> {},
                        failure -> tail.end(CloseReason.LIFETIME, config.closeTimeout()),
                        () -> tail.end(CloseReason.LIFETIME, config.closeTimeout()));
        register(tail, ContextInternal.current().nettyEventLoop(), writing::cancel);
    }

    private TailClock clock(EventLoop loop) {
        return clocks.computeIfAbsent(loop, key -> new TailClock(key, config));
    }

    private Tail tail(String watched, HttpServerResponse response, Instant until) {
        writeHead(response);
        Lifetime lifetime = Lifetime.of(config.lifetime(), until);
        return new Tail(watched, response, config.clientBuffer().asLongValue(), lifetime);
    }

    /** Lets nobody in any more and tells everybody to reconnect; done when all have left or {@code limit} is over. */
    public Uni<Void> close(Duration limit) {
        Uni<Void> allLeft = attendance.close(limit);
        clocks.values().forEach(TailClock::stop);
        return allLeft;
    }

    /** Open event streams. */
    public int count() {
        return attendance.count();
    }

    /** Distinct sets of subjects that are subscribed for them. */
    public int subscriptions() {
        return coreFeeds.open();
    }

    /** Distinct selections of streams that are followed for them. */
    public int cursors() {
        return streamFeeds.open();
    }

    /** Pages of history read for single clients. */
    public long pages() {
        return history.pages();
    }

    /** Pages of history that wait for their turn, {@code sluice.events.max-pages} being read. */
    public int pagesWaiting() {
        return history.waiting();
    }

    /** How often a client of a stream that was live could not take a burst, and was served from the stream. */
    public long fellBehind() {
        return history.behind();
    }

    /** How often messages that a client had not seen were not stored any longer. */
    public long gaps() {
        return history.gaps();
    }

    /** Messages that clients who were too slow have missed, summed over the clients. */
    public long dropped() {
        return dropped.sum();
    }

    /** Event streams that were refused because {@code sluice.events.max-connections} were open. */
    public long refused() {
        return attendance.refused();
    }

    /** A status other than 200 would keep an {@code EventSource} from ever coming back, so the stream opens and ends. */
    private void sendAway(HttpServerResponse response) {
        writeHead(response);
        response.write(Buffer.buffer(ControlEvents.prelude(config.retry())));
        response.end(Buffer.buffer(ControlEvents.closed(CloseReason.SHUTDOWN)));
    }

    private static void writeHead(HttpServerResponse response) {
        response.setChunked(true);
        response.putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream;charset=UTF-8")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store, no-transform")
                .putHeader("X-Accel-Buffering", "no")
                .putHeader("X-Content-Type-Options", "nosniff");
    }
}
