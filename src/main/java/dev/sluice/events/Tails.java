package dev.sluice.events;

import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.stream.replay.Replay;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.impl.ContextInternal;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import org.jboss.logging.Logger;

/** The event streams that are open now: lets clients in, keeps them alive, ends them. */
@Singleton
public final class Tails {
    private static final Logger LOG = Logger.getLogger(Tails.class);

    private final EventsConfig config;
    private final Entrance entrance;
    private final FilterWorkers filters;
    private final CoreTails core;
    private final StreamTails streams;

    @Inject
    public Tails(EventsConfig config, CoreSubscriptions subscriptions, Replay replay) {
        this.config = config;
        this.entrance = new Entrance(config);
        this.filters = new FilterWorkers(config);
        this.core = new CoreTails(entrance, subscriptions, config, filters);
        this.streams = new StreamTails(entrance, core, replay, config, filters);
    }

    /**
     * Answers with an event stream that goes on until the client leaves, its lifetime is over or Sluice stops. Called
     * on the response's event loop; the item comes there when the stream has begun. Fails {@code NO_STREAM} or
     * {@code INVALID}, as {@link TailRequest} says, {@code FORBIDDEN} where NATS does not permit it to our own user, or
     * {@code LIMIT_REACHED}, before anything was written.
     *
     * @param until when the client's identity ends, and the stream with it
     * @throws dev.sluice.failure.SluiceException {@code TOO_MANY_CONNECTIONS}, before anything was written
     */
    public Uni<Void> open(TailRequest request, HttpServerResponse response, Instant until) {
        if (entrance.attendance().closing()) {
            entrance.sendAway(response);
            return Uni.createFrom().voidItem();
        }
        if (response.closed()) {
            return Uni.createFrom().voidItem();
        }
        entrance.attendance().admit();
        ContextInternal context = ContextInternal.current();
        if (request.source() == TailRequest.Source.CORE) {
            return core.open(request, response, until, context);
        }
        return streams.open(request, response, until, context);
    }

    /**
     * Answers with an event stream of this client's own: each of {@code lines} is the data of one event, asked for when
     * the client has taken the one before. A client that has left is not answered. Otherwise as {@link #open(TailRequest, HttpServerResponse, Instant)}; when the lines
     * end or fail, the client is told to reconnect.
     *
     * @param watched what it is, for the log
     * @param lines each without a line break; signalled on the event loop
     */
    public void open(String watched, Multi<byte[]> lines, HttpServerResponse response, Instant until) {
        if (entrance.attendance().closing()) {
            entrance.sendAway(response);
            return;
        }
        if (!response.closed()) {
            admitted(() -> begin(watched, lines, response, until));
        }
    }

    /** What cannot be begun is not there, and takes nobody's place. */
    private void admitted(Runnable beginning) {
        entrance.attendance().admit();
        try {
            beginning.run();
        } catch (RuntimeException | Error fault) {
            entrance.attendance().left();
            throw fault;
        }
    }

    private void begin(String watched, Multi<byte[]> lines, HttpServerResponse response, Instant until) {
        Tail tail = entrance.begin(watched, response, until, null);
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
        entrance.keep(tail, ContextInternal.current().nettyEventLoop(), writing::cancel);
    }

    /** Answers with the head of an event stream alone, and opens none. */
    public void describe(HttpServerResponse response) {
        entrance.describe(response);
    }

    /** Lets nobody in any more and tells everybody to reconnect; done when all have left or {@code limit} is over. */
    public Uni<Void> close(Duration limit) {
        return entrance.close(limit);
    }

    /** Open event streams. */
    public int count() {
        return entrance.attendance().count();
    }

    /** Distinct sets of subjects that are subscribed for them. */
    public int subscriptions() {
        return core.subscriptions();
    }

    /** Distinct selections of streams that are followed for them. */
    public int cursors() {
        return streams.cursors();
    }

    /** Pages of history read for single clients. */
    public long pages() {
        return streams.history().pages();
    }

    /** Pages of history that wait for their turn, {@code sluice.events.max-pages} being read. */
    public int pagesWaiting() {
        return streams.history().waiting();
    }

    /** How often a client of a stream that was live could not take a burst, and was served from the stream. */
    public long fellBehind() {
        return streams.history().behind();
    }

    /** How often messages that a client had not seen were not stored any longer. */
    public long gaps() {
        return streams.history().gaps();
    }

    /** Messages that clients who were too slow have missed, summed over the clients. */
    public long dropped() {
        return core.dropped();
    }

    /** Messages that filters were too slow to look at, summed over the distinct filters. */
    public long filterLost() {
        return filters.lost();
    }

    /** Event streams that were refused because {@code sluice.events.max-connections} were open. */
    public long refused() {
        return entrance.attendance().refused();
    }
}
