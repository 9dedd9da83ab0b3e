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
public final class TailService {
    private static final Logger LOG = Logger.getLogger(TailService.class);

    private final EventsConfig config;
    private final SseConnectionFactory connectionFactory;
    private final FilterWorkers filters;
    private final CoreTails core;
    private final StreamTails streams;

    @Inject
    public TailService(EventsConfig config, CoreSubscriptions subscriptions, Replay replay) {
        this.config = config;
        this.connectionFactory = new SseConnectionFactory(config);
        this.filters = new FilterWorkers(config);
        this.core = new CoreTails(connectionFactory, subscriptions, config, filters);
        this.streams = new StreamTails(connectionFactory, core, replay, config, filters);
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
        if (connectionFactory.limiter().closing()) {
            connectionFactory.sendAway(response);
            return Uni.createFrom().voidItem();
        }
        if (response.closed()) {
            return Uni.createFrom().voidItem();
        }
        connectionFactory.limiter().admit();
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
        if (connectionFactory.limiter().closing()) {
            connectionFactory.sendAway(response);
            return;
        }
        if (!response.closed()) {
            admitted(() -> begin(watched, lines, response, until));
        }
    }

    /** What cannot be begun is not there, and takes nobody's place. */
    private void admitted(Runnable beginning) {
        connectionFactory.limiter().admit();
        try {
            beginning.run();
        } catch (RuntimeException | Error fault) {
            connectionFactory.limiter().left();
            throw fault;
        }
    }

    private void begin(String watched, Multi<byte[]> lines, HttpServerResponse response, Instant until) {
        SseConnection connection = connectionFactory.begin(watched, response, until, null);
        Cancellable writing = lines.onItem()
                .transformToUniAndConcatenate(line -> Uni.createFrom()
                        .emitter(taken -> connection.write(
                                new FrameBuilder(line.length + 16).line(line).end(), () -> taken.complete(null))))
                .onFailure()
                .invoke(failure -> LOG.warnf("The events of %s ended: %s", watched, failure.getMessage()))
                .subscribe()
                .with(
                        taken -> {},
                        failure -> connection.end(CloseReason.LIFETIME, config.closeTimeout()),
                        () -> connection.end(CloseReason.LIFETIME, config.closeTimeout()));
        connectionFactory.keep(connection, ContextInternal.current().nettyEventLoop(), writing::cancel);
    }

    /** Answers with the head of an event stream alone, and opens none. */
    public void describe(HttpServerResponse response) {
        connectionFactory.describe(response);
    }

    /** Lets nobody in any more and tells everybody to reconnect; done when all have left or {@code limit} is over. */
    public Uni<Void> close(Duration limit) {
        return connectionFactory.close(limit);
    }

    /** Open event streams. */
    public int count() {
        return connectionFactory.limiter().count();
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
        return streams.backfill().pages();
    }

    /** Pages of history that wait for their turn, {@code sluice.events.max-pages} being read. */
    public int pagesWaiting() {
        return streams.backfill().waiting();
    }

    /** How often a client of a stream that was live could not take a burst, and was served from the stream. */
    public long fellBehind() {
        return streams.backfill().behind();
    }

    /** How often messages that a client had not seen were not stored any longer. */
    public long gaps() {
        return streams.backfill().gaps();
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
        return connectionFactory.limiter().refused();
    }
}
