package dev.sluice.events;

import dev.sluice.failure.Failure;
import dev.sluice.nats.CoreSubscriptions;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;

/** The event streams that are open now: lets clients in, keeps them alive, ends them. */
@Singleton
public final class Tails {
    private static final Logger LOG = Logger.getLogger(Tails.class);

    private final EventsConfig config;
    private final Feeds feeds;
    private final Map<EventLoop, TailClock> clocks = new ConcurrentHashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final CompletableFuture<Void> allEnded = new CompletableFuture<>();
    private volatile boolean closing;

    @Inject
    public Tails(EventsConfig config, CoreSubscriptions subscriptions) {
        this.config = config;
        this.feeds = new Feeds(subscriptions, config);
    }

    /**
     * Answers with an event stream that goes on until the client leaves, its lifetime is over or Sluice stops. Called
     * on the response's event loop; returns at once.
     *
     * @param until when the client's identity ends, and the stream with it
     * @throws dev.sluice.failure.SluiceException {@code TOO_MANY_CONNECTIONS}, before anything was written
     */
    public void open(TailRequest request, HttpServerResponse response, Instant until) {
        if (closing) {
            sendAway(response);
            return;
        }
        admit();
        EventLoop loop = ContextInternal.current().nettyEventLoop();
        TailClock clock = clock(loop);
        Tail tail = tail(request.subjects().toString(), response, until);
        response.putHeader("Sluice-Source", "core");
        tail.write(ControlEvents.prelude(config.retry()));

        Feeds.Watch watch = feeds.watch(request);
        watch.feed().add(tail, request.format(), loop);
        clock.add(tail);
        tail.whenGone(() -> {
            clock.remove(tail);
            watch.feed().remove(tail, request.format(), loop);
            watch.release().run();
            left();
        });
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
        if (closing) {
            sendAway(response);
            return;
        }
        admit();
        TailClock clock = clock(ContextInternal.current().nettyEventLoop());
        Tail tail = tail(watched, response, until);
        tail.write(ControlEvents.prelude(config.retry()));
        clock.add(tail);
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
        tail.whenGone(() -> {
            writing.cancel();
            clock.remove(tail);
            left();
        });
    }

    private TailClock clock(EventLoop loop) {
        return clocks.computeIfAbsent(loop, key -> new TailClock(key, config));
    }

    private Tail tail(String watched, HttpServerResponse response, Instant until) {
        writeHead(response);
        Lifetime lifetime = Lifetime.of(config.lifetime(), until);
        return new Tail(watched, response, config.clientBuffer().asLongValue(), lifetime, dropped);
    }

    /** Lets nobody in any more and tells everybody to reconnect; done when all have left or {@code limit} is over. */
    public Uni<Void> close(Duration limit) {
        closing = true;
        clocks.values().forEach(TailClock::stop);
        if (open.get() == 0) {
            allEnded.complete(null);
        }
        return Uni.createFrom()
                .completionStage(allEnded)
                .ifNoItem()
                .after(limit)
                .recoverWithUni(Uni.createFrom().voidItem());
    }

    /** Open event streams. */
    public int count() {
        return open.get();
    }

    /** Distinct sets of subjects that are subscribed for them. */
    public int subscriptions() {
        return feeds.open();
    }

    /** Messages that clients who were too slow have missed, summed over the clients. */
    public long dropped() {
        return dropped.sum();
    }

    /** Event streams that were refused because {@code sluice.events.max-connections} were open. */
    public long refused() {
        return refused.sum();
    }

    private void admit() {
        if (open.incrementAndGet() > config.maxConnections()) {
            left();
            refused.increment();
            throw Failure.TOO_MANY_CONNECTIONS.because("This instance serves " + config.maxConnections()
                    + " event streams already (sluice.events.max-connections)");
        }
    }

    private void left() {
        if (open.decrementAndGet() == 0 && closing) {
            allEnded.complete(null);
        }
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
