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
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jboss.logging.Logger;

/** Manages the open tails: admits clients, keeps the tails open and ends them. */
@Singleton
public final class TailService implements Limited {
    private static final Logger LOG = Logger.getLogger(TailService.class);

    private final SseConnectionFactory connections;
    private final FilterWorkers filters;
    private final CoreTails core;
    private final StreamTails streams;

    @Inject
    TailService(EventsConfig config, CoreSubscriptions subscriptions, Replay replay, FilterWorkers filters) {
        this.connections = new SseConnectionFactory(config);
        this.filters = filters;
        this.core = new CoreTails(connections, subscriptions, config, filters);
        this.streams = new StreamTails(connections, core, replay, config, filters);
    }

    /**
     * Answers with a tail that lasts until the client disconnects, its lifetime is over or Sluice stops. Subscribe on
     * the response's event loop; the item is emitted there when the tail has begun. Fails, before anything is written,
     * with {@code TOO_MANY_CONNECTIONS}, with {@code NO_STREAM} or {@code INVALID} as described in {@link TailRequest},
     * with {@code FORBIDDEN} if NATS does not permit it to Sluice's own user, or with {@code LIMIT_REACHED}.
     *
     * @param validity when the client's identity expires, which ends the tail unless it was extended in the meantime
     */
    public Uni<Void> open(TailRequest request, HttpServerResponse response, Validity validity) {
        return admitted(
                response,
                validity,
                client -> request.source() == TailRequest.Source.CORE
                        ? core.open(request, client)
                        : streams.open(request, client));
    }

    /**
     * Answers with a tail for this client only. Each of {@code lines} is the data of one event, and is requested when
     * the client has taken the one before. When the lines end or fail, the client receives an event that lets it
     * reconnect. Otherwise as {@link #open(TailRequest, HttpServerResponse, Validity)}.
     *
     * @param description what is tailed, for the log
     * @param lines lines without line breaks; signalled on any thread
     */
    public Uni<Void> open(String description, Multi<byte[]> lines, HttpServerResponse response, Validity validity) {
        return admitted(response, validity, client -> {
            write(description, lines, client);
            return Uni.createFrom().voidItem();
        });
    }

    /**
     * Opens a tail for the client, which must be admitted. The permit is released here if that fails, else when the
     * connection has ended. A client that has disconnected gets no response.
     */
    private Uni<Void> admitted(HttpServerResponse response, Validity validity, Function<Admission, Uni<Void>> opening) {
        return Uni.createFrom().deferred(() -> {
            if (connections.limiter().closing()) {
                connections.closeAtOnce(response);
                return Uni.createFrom().voidItem();
            }
            if (response.closed()) {
                return Uni.createFrom().voidItem();
            }
            Admission client = Admission.of(response, validity, connections.limiter());
            return Uni.createFrom()
                    .deferred(() -> opening.apply(client))
                    .onFailure()
                    .invoke(client.release());
        });
    }

    private void write(String description, Multi<byte[]> lines, Admission client) {
        SseConnection connection = connections.open(description, client, null);
        Cancellable writing = lines.emitOn(client.executor(), 1)
                .onItem()
                .transformToUniAndConcatenate(line -> Uni.createFrom()
                        .emitter(taken -> connection.write(
                                new FrameBuilder(line.length + 16).line(line).end(), () -> taken.complete(null))))
                .onFailure()
                .invoke(failure -> LOG.warnf("The events of %s ended: %s", description, failure.getMessage()))
                .subscribe()
                .with(
                        taken -> {},
                        failure -> connection.end(CloseReason.LIFETIME),
                        () -> connection.end(CloseReason.LIFETIME));
        connections.keep(connection, client, writing::cancel);
    }

    /** Answers with only the head of a tail, which is not opened. */
    public void describe(HttpServerResponse response) {
        connections.describe(response);
    }

    /**
     * Admits no more clients and makes all clients reconnect. Completes when all have left, or after {@code limit}.
     */
    public Uni<Void> close(Duration limit) {
        return connections.close(limit);
    }

    /** Returns the number of open tails. */
    public int count() {
        return connections.limiter().count();
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
        return streams.backfill().fellBehind();
    }

    /** Returns how often messages were removed from the stream before a client had received them. */
    public long gaps() {
        return streams.backfill().gaps();
    }

    /** Returns the number of messages of core sources that were dropped for slow clients, summed over the clients. */
    public long dropped() {
        return core.dropped();
    }

    /** Returns the number of messages that slow filters did not evaluate, summed over the distinct filters. */
    public long filterDropped() {
        return filters.dropped();
    }

    /** Returns the number of tails rejected because {@code sluice.events.max-connections} were open. */
    public long refused() {
        return connections.limiter().limit().refused();
    }

    @Override
    public List<Limit> limits() {
        return List.of(connections.limiter().limit());
    }
}
