package dev.sluice.events;

import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.flow.Validity;
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
import java.util.List;
import org.jboss.logging.Logger;

/** Manages the open tails: admits clients, keeps the streams alive and ends them. */
@Singleton
public final class TailService implements Limited {
    private static final Logger LOG = Logger.getLogger(TailService.class);

    private final EventsConfig config;
    private final SseConnectionFactory connectionFactory;
    private final FilterWorkers filters;
    private final CoreTails core;
    private final StreamTails streams;

    @Inject
    TailService(EventsConfig config, CoreSubscriptions subscriptions, Replay replay, FilterWorkers filters) {
        this.config = config;
        this.connectionFactory = new SseConnectionFactory(config);
        this.filters = filters;
        this.core = new CoreTails(connectionFactory, subscriptions, config, filters);
        this.streams = new StreamTails(connectionFactory, core, replay, config, filters);
    }

    /**
     * Answers with a tail that lasts until the client disconnects, its lifetime is over or Sluice stops.
     * Called on the response's event loop; the item is emitted there when the stream has begun. Fails, before anything
     * is written, with {@code NO_STREAM} or {@code INVALID} as described in {@link TailRequest}, with {@code FORBIDDEN}
     * if NATS does not permit it to Sluice's own user, or with {@code LIMIT_REACHED}.
     *
     * @param validity when the client's identity expires, which ends the stream unless it was extended in the meantime
     * @throws dev.sluice.failure.SluiceException {@code TOO_MANY_CONNECTIONS}, before anything is written
     */
    public Uni<Void> open(TailRequest request, HttpServerResponse response, Validity validity) {
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
            return core.open(request, response, validity, context);
        }
        return streams.open(request, response, validity, context);
    }

    /**
     * Answers with a tail for this client only. Each of {@code lines} is the data of one event, and is
     * requested when the client has taken the one before. A client that has disconnected gets no response. When the
     * lines end or fail, the client receives an event that lets it reconnect. Otherwise as
     * {@link #open(TailRequest, HttpServerResponse, Validity)}.
     *
     * @param watched description for the log
     * @param lines lines without line breaks; signalled on any thread
     */
    public void open(String watched, Multi<byte[]> lines, HttpServerResponse response, Validity validity) {
        if (connectionFactory.limiter().closing()) {
            connectionFactory.sendAway(response);
            return;
        }
        if (!response.closed()) {
            admitted(() -> begin(watched, lines, response, validity));
        }
    }

    /** Runs {@code beginning} with a permit, which is released if it fails. */
    private void admitted(Runnable beginning) {
        connectionFactory.limiter().admit();
        try {
            beginning.run();
        } catch (RuntimeException | Error fault) {
            connectionFactory.limiter().left();
            throw fault;
        }
    }

    private void begin(String watched, Multi<byte[]> lines, HttpServerResponse response, Validity validity) {
        SseConnection connection = connectionFactory.begin(watched, response, validity, null);
        ContextInternal context = ContextInternal.current();
        Cancellable writing = lines.emitOn(task -> context.runOnContext(x -> task.run()), 1)
                .onItem()
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
        connectionFactory.keep(connection, context.nettyEventLoop(), writing::cancel);
    }

    /** Answers with only the head of a tail; no stream is opened. */
    public void describe(HttpServerResponse response) {
        connectionFactory.describe(response);
    }

    /**
     * Admits no more clients and makes all clients reconnect. Completes when all have left, or after {@code limit}.
     */
    public Uni<Void> close(Duration limit) {
        return connectionFactory.close(limit);
    }

    /** Returns the number of open tails. */
    public int count() {
        return connectionFactory.limiter().count();
    }

    /** Returns the number of open tails that watch a bucket or an object store. */
    public int watches() {
        return streams.watches();
    }

    /** Returns the number of distinct sets of subjects that are subscribed to. */
    public int subscriptions() {
        return core.subscriptions();
    }

    /** Returns the number of distinct stream selections that are followed. */
    public int cursors() {
        return streams.cursors();
    }

    /** Returns the number of history pages read for single clients. */
    public long pages() {
        return streams.backfill().pages();
    }

    /** Returns the number of history pages that wait while {@code sluice.events.max-pages} are read. */
    public int pagesWaiting() {
        return streams.backfill().waiting();
    }

    /** Returns how often a live client of a stream could not take a batch and was served from the stream. */
    public long fellBehind() {
        return streams.backfill().behind();
    }

    /** Returns how often messages were removed from the stream before a client had received them. */
    public long gaps() {
        return streams.backfill().gaps();
    }

    /** Returns the number of messages that slow clients have missed, summed over the clients. */
    public long dropped() {
        return core.dropped();
    }

    /** Returns the number of messages that slow filters did not evaluate, summed over the distinct filters. */
    public long filterLost() {
        return filters.lost();
    }

    /** Returns the number of tails rejected because {@code sluice.events.max-connections} were open. */
    public long refused() {
        return connectionFactory.limiter().limit().refused();
    }

    @Override
    public List<Limit> limits() {
        return List.of(connectionFactory.limiter().limit());
    }
}
